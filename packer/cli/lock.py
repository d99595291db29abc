"""`pack lock`: pin what the image is made of."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Annotated

import typer

from packer.cli.options import AppOption, BaseOption, PathArgument, PythonOption

__all__ = ["command"]

_DEFAULT_PLATFORMS = ("linux/amd64", "linux/arm64")
"""A lock is for the whole team, whatever machines it has."""


def command(
    path: PathArgument = Path(),
    *,
    upgrade: Annotated[
        bool, typer.Option("--upgrade", help="Choose the newest of everything, instead of keeping what is locked.")
    ] = False,
    platform: Annotated[
        list[str] | None,
        typer.Option("--platform", metavar="OS/ARCH", help="Pin the base for this platform; may be repeated."),
    ] = None,
    python: PythonOption = None,
    base: BaseOption = None,
    app: AppOption = None,
) -> None:
    """Write pack.lock (Python, base, layers) and, without another lock, pylock.toml.

    Keep both under version control: then every machine builds the same image, byte for byte.
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.wiring import blob_cache, workshop  # noqa: PLC0415
    from packer.oci.platform import Platform  # noqa: PLC0415
    from packer.system.configuration import load_settings  # noqa: PLC0415
    from packer.workflows.lock import lock_project  # noqa: PLC0415
    from packer.workflows.preparation import prepare  # noqa: PLC0415
    from packer.workflows.provenance import Provenance  # noqa: PLC0415

    out = Output(os.environ)
    flags = {"app": app, "python": python, "base": base, "platforms": tuple(platform) if platform else None}
    settings = load_settings(path, os.environ, flags=flags)
    written = lock_project(
        prepare(path, settings, Provenance(), progress=out),
        tuple(map(Platform.parse, settings.platforms or _DEFAULT_PLATFORMS)),
        every=bool(settings.platforms),
        upgrade=upgrade,
        workshop=workshop(os.environ, blob_cache(os.environ), settings=settings, offline=False, note=out.note),
        progress=out,
    )
    for name in written.files:
        out.result(f"{name}  {'written' if name in written.changed else 'unchanged'}")
