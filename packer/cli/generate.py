"""`pack generate`: the files to own."""

from __future__ import annotations

import os
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.options import AppOption, BaseOption, OfflineOption, PathArgument, PythonOption, QuietOption

if TYPE_CHECKING:
    from packer.cli.output import Output
    from packer.workflows.reconciliation import Reconciled

__all__ = ["command"]

_EXAMPLES = """
Examples:

  pack generate                      everything

  pack generate dockerfile           the Dockerfile and what its build reads

  pack generate --diff               show what would change, write nothing

  pack generate --check              for CI: fail where a file is not as pack would write it
"""
_DONE = {
    "created": "written",
    "updated": "written anew",
    "merged": "merged with your changes",
    "removed": "removed: nothing needs it any more",
    "unchanged": "unchanged",
    "kept": "yours, unchanged",
    "absent": "left out: you removed it (--force brings it back)",
    "foreign": "left alone: pack did not write it (--force replaces it)",
    "collision": "left alone: you and pack changed the same lines",
}
_NOT_DONE = {
    "created": "missing",
    "updated": "out of date",
    "merged": "out of date",
    "removed": "no longer needed",
}


class What(Enum):
    """The files that are written."""

    DOCKERFILE = "dockerfile"
    COMPOSE = "compose"
    NGINX = "nginx"
    GUNICORN = "gunicorn"
    ALL = "all"


def command(
    what: Annotated[What, typer.Argument(help="Which files.", show_default="all")] = What.ALL,
    path: PathArgument = Path(),
    *,
    check: Annotated[
        bool, typer.Option("--check", help="Write nothing; fail where a file is not as pack would write it.")
    ] = False,
    diff: Annotated[bool, typer.Option("--diff", help="Write nothing; show what would change.")] = False,
    force: Annotated[
        bool, typer.Option("--force", help="Take pack's version; the old one stays beside it as NAME.orig.")
    ] = False,
    app: AppOption = None,
    python: PythonOption = None,
    base: BaseOption = None,
    offline: OfflineOption = False,
    quiet: QuietOption = False,
) -> None:
    """Write the files that make the same image with a container engine, to own and to change.

    Files that you changed are merged with what pack changes later; pack never overwrites what it did not write.
    Commit .pack/generated.json with them.
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.wiring import blob_cache, host_platform, workshop  # noqa: PLC0415
    from packer.errors import DriftError  # noqa: PLC0415
    from packer.oci.platform import LINUX_AMD64, Platform  # noqa: PLC0415
    from packer.render.bundle import GROUPS  # noqa: PLC0415
    from packer.system.configuration import load_settings  # noqa: PLC0415
    from packer.workflows.generate import generate  # noqa: PLC0415
    from packer.workflows.owned_files import write  # noqa: PLC0415
    from packer.workflows.preparation import prepare  # noqa: PLC0415
    from packer.workflows.provenance import Provenance  # noqa: PLC0415
    from packer.workflows.secrets import make_secrets  # noqa: PLC0415

    out = Output(os.environ, quiet=quiet)
    settings = load_settings(path, os.environ, flags={"app": app, "python": python, "base": base})
    platform = Platform.parse(settings.platforms[0]) if settings.platforms else host_platform() or LINUX_AMD64
    found = generate(
        prepare(path, settings, Provenance(), progress=out),
        platform,
        tuple(GROUPS) if what is What.ALL else tuple(one for one in GROUPS if one == what.value),
        force=force,
        workshop=workshop(os.environ, blob_cache(os.environ), settings=settings, offline=offline, note=out.note),
        progress=out,
    )
    for caution in found.cautions:
        out.caution(caution)
    copies = () if check or diff else write(path, found.results)
    _show(found.results, out, written=not (check or diff), diff=diff)
    for copy in copies:
        out.note(f"the older version is kept as {copy}")
    if not (check or diff):
        for caution in make_secrets(path, found.secrets, note=out.note):
            out.caution(caution)
    wrong = [one.path for one in found.results if one.action == "collision" or (check and one.is_drift)]
    if wrong:
        raise DriftError(
            f"not as pack would write {'it' if len(wrong) == 1 else 'them'}: {', '.join(wrong)}",
            where=str(path),
            hint="see what differs: pack generate --diff; then change the files, or take pack's with --force",
        )


def _show(results: tuple[Reconciled, ...], out: Output, *, written: bool, diff: bool) -> None:
    """What was done, or would be. Differences that nobody asked for go to stderr, as remarks on what was left alone."""
    from packer.workflows.owned_files import difference  # noqa: PLC0415

    for one in results:
        words = _DONE if written else {**_DONE, **_NOT_DONE}
        if diff:
            out.page(difference(one))
            continue
        out.result(f"{one.path}  {words[one.action]}")
        if written and one.action in ("foreign", "collision"):
            for line in difference(one):
                out.note(line)


command.__doc__ = f"{command.__doc__}\n{_EXAMPLES}"
