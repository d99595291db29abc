"""`.dockerignore`: the context of an engine's build, without what `pack build` leaves out of the image."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from msgspec import Struct
from msgspec.structs import asdict

from packer.errors import PlanError
from packer.regex import regex
from packer.render.places import DOCKERIGNORE
from packer.render.quoting import pattern
from packer.render.rendered import RenderedFile
from packer.render.templates import rendered_file

__all__ = ["DockerignoreView", "docker_patterns", "render_dockerignore"]

_CLASS = regex(r"(?P<escape>\\.)|\[(?:(?P<negated>[!^])?(?P<inside>\]?(?:\\.|[^\]\\])+|\])\])?")


class DockerignoreView(Struct, frozen=True, kw_only=True):
    """What the template says.

    Attributes:
        ignored: what git ignores, as patterns of `.dockerignore`.
        excluded: what the settings exclude, likewise.
        included: paths that a rule would leave out, and that belong to the image.
    """

    ignored: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    included: tuple[str, ...] = ()


def render_dockerignore(
    git_ignores: Iterable[tuple[str, str]], *, exclude: Iterable[str] = (), included: Iterable[str] = ()
) -> RenderedFile:
    """The file.

    Args:
        git_ignores: each `.gitignore`: its folder, empty for the root, and its text.
        exclude: gitignore-style patterns of the settings.
        included: paths that are in the image although a rule here would leave them out.
    """
    view = DockerignoreView(
        ignored=tuple(dict.fromkeys(line for folder, text in git_ignores for line in docker_patterns(text, folder))),
        excluded=tuple(dict.fromkeys(docker_patterns("\n".join(exclude)))),
        included=tuple(sorted(included)),
    )
    return rendered_file(DOCKERIGNORE, template="dockerfile/dockerignore.j2", values=asdict(view))


def docker_patterns(text: str, folder: str = "") -> Iterator[str]:
    r"""The lines of a `.gitignore` as Docker understands them: anchored at the root, everything below included.

    What Docker's form cannot say (a name that ends with a space) is passed over.

    >>> list(docker_patterns("*.log\n/build/\n!keep.log\n# a comment", "sub"))
    ['sub/**/*.log', 'sub/build', '!sub/**/keep.log']
    """
    for line in text.replace("\r\n", "\n").split("\n"):
        found = _docker_pattern(_CLASS.sub(_docker_class, line), folder)
        if found and _can_be_said(found):
            yield found


def _docker_pattern(line: str, folder: str) -> str | None:
    text = line.rstrip(" \t")
    if not text or text.startswith("#") or text.endswith("\\"):
        return None
    negated = text.startswith("!")
    text = text.removeprefix("!").rstrip("/")
    anchored = "/" in text
    text = text.strip("/")
    if not text:
        return None
    parts = [part for part in (folder.strip("/"), "" if anchored or text.startswith("**/") else "**", text) if part]
    return ("!" if negated else "") + "/".join(parts)


def _docker_class(found: re.Match[str]) -> str:
    """A class of characters as Docker reads it: `^` negates, and a hyphen that is no range is escaped.

    A bracket that nothing closes is a character like any other: Docker refuses all rules for one that is broken.
    """
    if found["escape"]:
        return found["escape"]
    if found["inside"] is None or "[:" in found["inside"]:
        return "\\["
    inside = re.sub(r"\\(.)", r"\1", found["inside"])
    shown = "".join(
        f"\\{one}" if one in "\\[]^" or (one == "-" and place in (0, len(inside) - 1)) else one
        for place, one in enumerate(inside)
    )
    return f"[{'^' if found['negated'] else ''}{shown}]"


def _can_be_said(line: str) -> bool:
    try:
        pattern(line)
    except PlanError:
        return False
    return True
