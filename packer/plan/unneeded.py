"""Rule: distributions that a requirements file names but an image must not contain.

They cannot be installed on Linux (frozen on Windows), have no wheel and no use beside gunicorn (other servers that
compile against a web server), are for Python 2 alone, or never were distributions at all.
"""

from __future__ import annotations

from types import MappingProxyType

from packer.project.model import Decision, DependencyFacts

__all__ = ["unneeded_distributions"]

_SERVER = "another server runs in the image, and this one would have to be compiled"
_WINDOWS = "it exists for Windows only"

_REASONS = MappingProxyType(
    {
        "conda": "it installs environments, is no library, and all its releases were taken from the index",
        "gevent-socketio": "it is for Python 2, and would stand in the place of python-socketio's module",
        "mod-wsgi": _SERVER,
        "pyreadline": _WINDOWS,
        "pypiwin32": _WINDOWS,
        "pywin32": _WINDOWS,
        "pywinpty": _WINDOWS,
        "uwsgi": _SERVER,
        "wincertstore": _WINDOWS,
    }
)


def unneeded_distributions(facts: DependencyFacts) -> tuple[tuple[str, ...], tuple[Decision, ...]]:
    """Normalised names to leave out of the image, sorted, with the reason for each."""
    named = {requirement.name: requirement for requirement in facts.direct}
    names = sorted((set(named) | {name for name, _ in facts.locked}) & set(_REASONS))
    decisions = tuple(
        Decision(
            subject="dependencies.left_out",
            choice=name,
            reason=_REASONS[name],
            evidence=named[name].evidence if name in named else (),
        )
        for name in names
    )
    return tuple(names), decisions
