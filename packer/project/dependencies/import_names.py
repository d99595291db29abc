"""Which distribution provides an import name, where the two differ or where the same name would be a trap."""

from __future__ import annotations

from packer.project.dependencies.import_table import TABLE
from packer.project.dependencies.names import normalized_name

__all__ = ["PROVIDERS", "brought_by", "known_providers"]


def _parsed() -> dict[str, tuple[str, ...]]:
    rows = (line.split() for line in TABLE.strip().split("\n"))
    return {row[0]: tuple(row[1:]) for row in rows}


PROVIDERS = _parsed()
"""Import name to distributions: the first is the one to install, the others bring the module as well."""


def known_providers(module: str) -> tuple[str, ...]:
    """The distributions that provide a dotted module name, the one to install first; empty when it is not known.

    >>> known_providers("google.cloud.storage.blob")[0], known_providers("flask_sqlalchemy")[0]
    ('google-cloud-storage', 'flask-sqlalchemy')
    """
    parts = module.split(".")
    for length in range(len(parts), 0, -1):
        if found := PROVIDERS.get(".".join(parts[:length])):
            return found
    return ()


def brought_by(module: str, names: frozenset[str]) -> bool:
    """Whether distributions among `names` provide a module, as far as names can tell.

    It leans towards yes, because a wrong no would make pack speak of a lack that is none: a distribution with the
    module's name, or with it as a part of its own, counts.
    """
    if any(name in names for name in known_providers(module)):
        return True
    top = normalized_name(module.split(".", 1)[0])
    if top in names:
        return True
    if known_providers(module):
        return False
    return any(
        top in name.replace("python-", "").replace("-python", "") or name.startswith(f"{top}-") for name in names
    )
