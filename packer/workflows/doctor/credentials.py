"""The registry that the project's image goes to, and who we are there."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from packer.errors import PackError, TransientError
from packer.oci.reference import Reference
from packer.plan.finding import Finding, State
from packer.registry.credentials import Keychain
from packer.registry.registries import Registries
from packer.registry.scope import Scope
from packer.workflows.doctor.network import Heard, server_time

__all__ = ["registry_lets_us_in"]


def registry_lets_us_in(
    image: str | None,
    *,
    registries: Registries | None,
    keychain: Keychain,
    told: Callable[[Heard], object],
) -> Finding:
    """One request, with the credential that a push would show.

    Args:
        image: the setting.
        registries: the network; None to ask nobody.
        keychain: the credentials.
        told: hears the answer.

    Raises `RegistryError` for a credential that cannot be read.
    """
    if image is None or "/" not in image:
        what = "none is named, so the image stays here"
        return Finding(area="registry", subject="registry", state="ok", what=what)
    reference = Reference.parse(image)
    found = keychain.find(reference.registry, reference.repository)
    who = f"as {found.credential.username or 'a token'}, from {found.source}" if found else "with no credential"
    if registries is None:
        return Finding(area="registry", subject=reference.registry, state="ok", what=f"{who}; not asked")
    try:
        told(_answer(registries, reference))
    except TransientError as error:
        fix = error.hint or "see what is in the way, or push later"
        return Finding(area="registry", subject=reference.registry, state="warning", what=error.what, fix=fix)
    except PackError as error:
        state: State = "broken" if found else "warning"  # a stack runs without a registry, until something is pushed
        fix = error.hint or f"pack login {reference.registry}"
        return Finding(area="registry", subject=reference.registry, state=state, what=f"{error.what} ({who})", fix=fix)
    if found is None:
        return Finding(
            area="registry",
            subject=reference.registry,
            state="warning",
            what="it answers, and there is no credential for it: most registries take no push from strangers",
            fix=f"pack login {reference.registry}",
        )
    return Finding(area="registry", subject=reference.registry, state="ok", what=f"it lets us in {who}")


def _answer(registries: Registries, reference: Reference) -> Heard:
    session = registries.session(reference.registry)
    with session.request("GET", "/v2/", what="let us in", expected=frozenset({200}), scope=Scope("")) as response:
        place = session.url("/v2/")
        host = f"{urlsplit(place).scheme}://{reference.registry}"
        return Heard(place=host, status=response.status, date=server_time(response.headers))
