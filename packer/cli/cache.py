"""`pack cache`: what pack keeps to be fast, and how to have less of it."""

from __future__ import annotations

import os
import re
import time
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.options import InsecureOption, JsonOption
from packer.cli.pages import CONTEXT_SETTINGS, PlainCommand, PlainGroup

if TYPE_CHECKING:
    from packer.workflows.cache import KindSummary, Pruned

__all__ = ["app", "parse_size"]

_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "t": 10**12}
_DAY = 24 * 3600.0
_DEFAULT_KEEP_DAYS = 30

app = typer.Typer(
    name="cache",
    cls=PlainGroup,
    help="Show what pack keeps to be fast, and remove what is no longer used.",
    add_completion=False,
    pretty_exceptions_enable=False,
    context_settings=CONTEXT_SETTINGS,
)


def parse_size(text: str) -> int:
    """Bytes: `500MB`, `2g`, `1.5 GB`. Decimal units.

    >>> parse_size("1.5GB")
    1500000000
    """
    match = re.fullmatch(r"\s*(\d{1,9}(?:\.\d{1,3})?)\s*([kmgt]?)b?\s*", text.lower())
    if match is None:
        raise typer.BadParameter("write it as 500MB or 2GB")
    return int(float(match[1]) * _UNITS[match[2]])


@app.callback(invoke_without_command=True)
def show(context: typer.Context, *, json: JsonOption = False) -> None:
    """Show what is in the cache: by kind, with its size and when it was last used.

    Everything in it can be made or fetched again. Images keep what they need.
    """
    if context.invoked_subcommand is not None:
        return
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.wiring import blob_cache  # noqa: PLC0415
    from packer.workflows.cache import summarize_cache  # noqa: PLC0415

    out = Output(os.environ)
    summary = summarize_cache(blob_cache(os.environ).root)
    if json:
        out.document(summary.to_json())
        return
    now = time.time()
    out.result(str(summary.root))
    for kind in summary.kinds:
        out.result(_row(kind, now))
    out.result(f"  {'together':<14}{'':>9}{summary.size / 1e6:>12.1f} MB")


@app.command(cls=PlainCommand)
def prune(
    *,
    keep_days: Annotated[
        int | None,
        typer.Option(
            "--keep-days", metavar="N", min=0, max=36_500, help="Remove what was not used for N days.  [default: 30]"
        ),
    ] = None,
    max_size: Annotated[
        int | None,
        typer.Option(
            "--max-size",
            metavar="SIZE",
            parser=parse_size,
            help="Remove the least recently used until the rest fits: 2GB.",
        ),
    ] = None,
    registry: Annotated[
        str | None,
        typer.Option(
            "--registry",
            metavar="REPOSITORY",
            help="Remove from the cache that a team shares there, not from this one.",
        ),
    ] = None,
    dry_run: Annotated[
        bool, typer.Option("--dry-run", help="With --registry: only say what would be removed.")
    ] = False,
    insecure: InsecureOption = None,
    json: JsonOption = False,
) -> None:
    """Remove what was least recently used. Waits for running builds; images keep what they need.

    Examples:
      pack cache prune                   what was not used for a month
      pack cache prune --max-size 2GB
      pack cache prune --registry registry.example.com/team/shop --keep-days 14
    """
    from packer.cli.wiring import blob_cache, image_store  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.workflows.cache import prune_cache  # noqa: PLC0415

    _check_place(registry, max_size=max_size, dry_run=dry_run)
    if registry is not None:
        kept = _DEFAULT_KEEP_DAYS if keep_days is None else keep_days
        _prune_registry(registry, days=kept, dry_run=dry_run, insecure=insecure, json=json)
        return
    cache = blob_cache(os.environ)
    days = _DEFAULT_KEEP_DAYS if keep_days is None and max_size is None else keep_days
    since = None if days is None else time.time() - days * _DAY
    pruned = prune_cache(cache, image_store(os.environ, cache), unused_since=since, largest=max_size)
    _tell(pruned, json=json)


@app.command(cls=PlainCommand)
def clear(*, json: JsonOption = False) -> None:
    """Remove everything but what stored images need. The next build fetches and makes it again."""
    from packer.cli.wiring import blob_cache, image_store  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.workflows.cache import clear_cache  # noqa: PLC0415

    cache = blob_cache(os.environ)
    _tell(clear_cache(cache, image_store(os.environ, cache)), json=json)


def _check_place(registry: str | None, *, max_size: int | None, dry_run: bool) -> None:
    if registry is None and dry_run:
        raise typer.BadParameter("--dry-run goes with --registry")
    if registry is not None and max_size is not None:
        raise typer.BadParameter("--max-size is for this machine's cache: a registry's is pruned by age")


def _prune_registry(registry: str, *, days: int, dry_run: bool, insecure: list[str] | None, json: bool) -> None:
    from datetime import datetime, timedelta, timezone  # noqa: PLC0415 - keeps `pack --help` fast

    from packer.cli.output import Output  # noqa: PLC0415
    from packer.cli.wiring import own_settings, registries  # noqa: PLC0415
    from packer.oci.reference import Reference  # noqa: PLC0415
    from packer.registry.shared_cache import SharedCache  # noqa: PLC0415
    from packer.workflows.shared_pruning import prune_shared  # noqa: PLC0415

    out = Output(os.environ)
    reached = registries(os.environ, own_settings(os.environ), insecure=insecure, note=out.note)
    cache = SharedCache(reached.repository(Reference.parse(registry), push=True, delete=True))
    before = datetime.now(timezone.utc) - timedelta(days=days)
    pruned = prune_shared(cache, before=before, only_look=dry_run)
    if json:
        out.document(pruned.to_json())
        return
    for entry in pruned.removed:
        out.note(f"{entry.tag}  {entry.written or 'without a date'}")
    out.result(pruned.summary())


def _tell(pruned: Pruned, *, json: bool) -> None:
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast

    out = Output(os.environ)
    if json:
        out.document(pruned.to_json())
    else:
        out.result(f"{pruned.freed / 1e6:.1f} MB freed, {pruned.left / 1e6:.1f} MB left")


def _row(kind: KindSummary, now: float) -> str:
    newest, oldest = (max(0, int((now - used) / _DAY)) for used in (kind.newest, kind.oldest))
    ages = f"{newest}" if newest == oldest else f"{newest} to {oldest}"
    return f"  {kind.kind:<14}{kind.parts:>9}{kind.size / 1e6:>12.1f} MB   last used {ages} days ago"
