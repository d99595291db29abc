"""The secrets of a stack, one file each in `.secrets/`, made up where nobody has to know them.

The folder is for its owner alone. The files in it can be read by everybody who gets that far: a container mounts them
as they are, and its user is another one.
"""

from __future__ import annotations

import os
import secrets as randomness
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from urllib.parse import quote

from packer.errors import ProjectError
from packer.plan.stack_model import SecretPlan
from packer.project.model import Caution
from packer.system.files import disk_errors, read_regular, write_atomically
from packer.system.generated import place_of

__all__ = ["SECRETS", "make_secrets"]

SECRETS = ".secrets"
_BYTES = {"password": 24, "key": 48}
_LARGEST = 1 << 20


def make_secrets(
    root: Path,
    plans: Iterable[SecretPlan],
    *,
    note: Callable[[str], object],
    token: Callable[[int], str] = randomness.token_urlsafe,
) -> Iterator[Caution]:
    """Make the files that are missing; none that is there is changed.

    Args:
        root: the project.
        plans: the secrets.
        note: told of each file that is made.
        token: makes up a text of so many random bytes, safe in a URL.

    Yields: which files their user has to fill.
    """
    wanted = tuple(plans)
    if not wanted:
        return
    folder = place_of(root, SECRETS)
    with disk_errors(folder):
        folder.mkdir(mode=0o700, exist_ok=True)
        folder.chmod(0o700)
    if not (folder / ".gitignore").exists():
        write_atomically(folder / ".gitignore", b"*\n")
    values: dict[str, str] = {}
    for plan in sorted(wanted, key=lambda one: one.kind == "address"):  # those are made of the others
        values[plan.name] = _value(root, plan, values, note=note, token=token)
        if plan.kind == "given" and not values[plan.name]:
            yield Caution(what=f"{SECRETS}/{plan.name} is empty", hint="write the secret to it; nobody else knows it")


def _value(
    root: Path,
    plan: SecretPlan,
    others: Mapping[str, str],
    *,
    note: Callable[[str], object],
    token: Callable[[int], str],
) -> str:
    place = place_of(root, f"{SECRETS}/{plan.name}")
    if os.path.lexists(place):
        content = read_regular(place, limit=_LARGEST)
        if content is None:
            raise ProjectError(f"{SECRETS}/{plan.name} cannot be read", where=str(place), hint="make it a file")
        return content.decode("utf-8", "replace").rstrip("\r\n")
    text = _made_up(plan, others, token)
    write_atomically(place, text.encode())
    with disk_errors(place):
        place.chmod(0o444)
    note(f"made {SECRETS}/{plan.name}")
    return text


def _made_up(plan: SecretPlan, others: Mapping[str, str], token: Callable[[int], str]) -> str:
    if plan.kind == "address":
        text = plan.address or ""
        for name, value in others.items():
            text = text.replace(f"{{{name}}}", quote(value, safe=""))
        return text
    return token(_BYTES[plan.kind]) if plan.kind in _BYTES else ""
