"""Generated files meet the project: written, merged into what its user changed, or left alone."""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path

from packer.errors import BuildError, ProjectError
from packer.render.rendered import RenderedFile
from packer.system.files import disk_errors, read_regular, write_atomically
from packer.system.generated import place_of, read_memory, write_memory
from packer.system.merging import merged
from packer.workflows.reconciliation import Reconciled, reconcile

__all__ = ["compare", "difference", "write"]

_LARGEST = 16 * 1024 * 1024
_MOST_COPIES = 100


def compare(
    root: Path, files: Sequence[RenderedFile], *, complete: bool, force: bool, search_path: str
) -> tuple[Reconciled, ...]:
    """What is to become of each file; nothing is written.

    Args:
        root: the project.
        files: what pack would write.
        complete: `files` is all of it, so that what it wrote earlier and no longer needs may go.
        force: pack's version is taken whatever is there.
        search_path: the `PATH` to find git on.

    Raises:
        ProjectError: the memory cannot be used, or a link leads out of the project.
    """
    memory = read_memory(root)
    wanted: dict[str, str | None] = {file.path: file.text for file in files}
    if complete:
        wanted |= {path: None for path, _ in memory.files if path not in wanted}
    return tuple(
        _reconciled(root, path, memory.text(path), wanted[path], force=force, search_path=search_path)
        for path in sorted(wanted)
    )


def write(root: Path, results: Iterable[Reconciled]) -> tuple[str, ...]:
    """Make the files what was decided, and remember it. Returns the paths of kept older versions.

    Raises:
        BuildError: something cannot be written; every file is as it was, or as it should be.
    """
    memory, remembered, kept = read_memory(root), dict[str, str | None](), []
    for one in results:
        if one.action in ("created", "updated", "merged", "removed") and one.before != one.after:
            if one.before is not None and memory.text(one.path) != one.before and one.action == "updated":
                kept.append(_keep(root, one.path))
            _put(root, one)
        if one.action not in ("foreign", "collision", "absent"):
            remembered[one.path] = one.wanted
    changed = memory.changed(remembered)
    if changed != memory:
        write_memory(root, changed)
    return tuple(kept)


def difference(one: Reconciled) -> Iterator[str]:
    """What would be changed, or where pack's own version differs, as a unified diff without line breaks."""
    before, after = one.before or "", one.after or ""
    if one.action in ("foreign", "collision", "absent"):
        after = one.wanted or ""
    names = f"a/{one.path}" if one.before is not None else "/dev/null", f"b/{one.path}"
    lines = difflib.unified_diff(before.split("\n"), after.split("\n"), *names, lineterm="")
    return iter(lines)


def _reconciled(
    root: Path, path: str, written: str | None, wanted: str | None, *, force: bool, search_path: str
) -> Reconciled:
    found = _found(root, path)
    verdict = reconcile(written=written, found=found, wanted=wanted)
    action, after = verdict.action, found
    if force and wanted is not None and action not in ("unchanged", "created"):
        action = "updated" if found is not None else "created"
    if action in ("created", "updated", "removed"):
        after = wanted
    elif verdict.merge:
        assert found is not None and written is not None and wanted is not None  # noqa: PT018
        both = merged(found=found, written=written, wanted=wanted, search_path=search_path)
        action, after = ("collision", found) if both is None else ("merged", both)
    return Reconciled(path=path, action=action, before=found, after=after, wanted=wanted)


def _found(root: Path, path: str) -> str | None:
    """The text of a file that is there; None where nothing is. Raises `ProjectError` for what is no file."""
    place = place_of(root, path)
    if not place.exists():
        return None
    content = read_regular(place, limit=_LARGEST)
    if content is None:
        raise ProjectError(f"{path} is not a file that can be read", where=str(place), hint="move it away")
    return content.decode("utf-8", "surrogateescape")


def _put(root: Path, one: Reconciled) -> None:
    place = place_of(root, one.path)
    if one.after is not None:
        write_atomically(place, one.after.encode("utf-8", "surrogateescape"))
        return
    with disk_errors(place):
        place.unlink(missing_ok=True)
    for folder in place.relative_to(root).parents:
        if str(folder) != ".":
            with suppress(OSError):  # it holds something else
                (root / folder).rmdir()


def _keep(root: Path, path: str) -> str:
    """Move a file beside itself, to a name that is free."""
    for copy in (f"{path}.orig", *(f"{path}.orig{number}" for number in range(2, _MOST_COPIES))):
        place = place_of(root, copy)
        if not place.exists():
            with disk_errors(place):
                place_of(root, path).rename(place)
            return copy
    raise BuildError(f"there are too many older versions of {path}", where=path, hint="remove what you do not need")
