"""`pack doctor`: what stands between this project on this machine and a running stack."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from packer.cli.options import JsonOption, OfflineOption, PathArgument

if TYPE_CHECKING:
    from packer.cli.output import Output
    from packer.plan.settings import Settings
    from packer.workflows.doctor import Surroundings

__all__ = ["command"]


def command(path: PathArgument = Path(), *, json: JsonOption = False, offline: OfflineOption = False) -> None:
    """Show what stands between this project on this machine and a running stack, with each fix.

    Looks at the engine, this machine, the network, the registry, the project, and at numbers that must fit together:
    time-outs, connections, sizes, memory. Changes nothing.

    Exits with 0 when nothing is broken, whatever else it warns of; with 7 or the code of what is.

    Examples:
      pack doctor                before the first pack up
      pack doctor --json         for scripts
    """
    from packer.cli.doctor_page import page  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.output import Output  # noqa: PLC0415
    from packer.system.configuration import load_settings  # noqa: PLC0415
    from packer.workflows.doctor import diagnose  # noqa: PLC0415

    out = Output(os.environ)
    settings = load_settings(path, os.environ, flags={})
    with out.step("looking at the engine, this machine, the network and the project"):
        found = diagnose(path, settings, _surroundings(settings, out, offline=offline))
    if json:
        rows = [
            {"area": one.area, "subject": one.subject, "state": one.state, "what": one.what, "fix": one.fix}
            for one in found.findings
        ]
        out.document({"schema": 1, "findings": rows})
    else:
        out.page(page(found.findings, style=out.style, signs=out.encodes("✓✗")))
    if found.exit_code:
        raise typer.Exit(found.exit_code)


def _surroundings(settings: Settings, out: Output, *, offline: bool) -> Surroundings:
    from packer.cli.wiring import data_folder, host_platform, hurried_http, registries  # noqa: PLC0415
    from packer.debian.mirrors import find_mirrors, machine_sources  # noqa: PLC0415
    from packer.registry.keychain import UserKeychain  # noqa: PLC0415
    from packer.store.cache import default_cache_root  # noqa: PLC0415
    from packer.wheels.uv import Uv  # noqa: PLC0415
    from packer.workflows.doctor import Surroundings  # noqa: PLC0415

    environment = os.environ
    return Surroundings(
        environment=environment,
        home=Path.home(),
        exchange=None if offline else hurried_http(environment),
        registries=None if offline else registries(environment, settings, note=out.note, hurried=True),
        keychain=UserKeychain(environment, out.note),
        mirrors=find_mirrors(settings.debian.mirror, machine_sources()),
        uv=Uv.of_user(environment, offline=offline),
        host=host_platform(),
        folders=(
            ("disk of the cache", default_cache_root(environment.get("PACK_CACHE_DIR"))),
            ("disk of the store", data_folder(environment)),
        ),
        now=time.time(),
    )
