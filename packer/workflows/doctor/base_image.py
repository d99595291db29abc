"""The image in a registry that the project's image stands on, where it stands on one."""

from __future__ import annotations

from packer.errors import PackError, TransientError
from packer.oci.reference import Reference
from packer.plan.finding import Finding
from packer.registry.registries import Registries

__all__ = ["base_is_there"]

_SUBJECT = "base image"


def base_is_there(text: str, registries: Registries | None) -> Finding:
    """Its registry, or a mirror of that, has it. What this machine has of it already is not looked at."""
    reference = Reference.parse(text)
    version = str(reference.digest) if reference.digest else reference.tagged.tag or ""
    if registries is None:
        return Finding(area="registry", subject=_SUBJECT, state="ok", what=f"{reference.familiar}; not asked")
    try:
        found = registries.read(reference, lambda repository: repository.head_manifest(version))
    except TransientError as error:
        fix = error.hint or "see what is in the way; a base that was pulled before serves again"
        return Finding(area="registry", subject=_SUBJECT, state="warning", what=error.what, fix=fix)
    except PackError as error:
        fix = error.hint or f"pack login {reference.registry}, or name another with `base`"
        return Finding(area="registry", subject=_SUBJECT, state="broken", what=error.what, fix=fix)
    if found is None:
        what = f"{reference.registry} has no {reference.familiar}"
        return Finding(area="registry", subject=_SUBJECT, state="broken", what=what, fix="name another with `base`")
    return Finding(area="registry", subject=_SUBJECT, state="ok", what=f"{reference.familiar} can be pulled")
