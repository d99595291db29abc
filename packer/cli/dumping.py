"""A dump that is written for its user: which name it gets, and what is said of it."""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from packer.cli.output import Output
    from packer.engine.connection import Engine
    from packer.stack.database import Database

__all__ = ["dated", "dump_to"]

_STANDARD_OUTPUT = Path("-")


def dump_to(file: Path, engine: Engine, database: Database, out: Output) -> None:
    """Dump a database into a file, or to standard output for `-`. Raises `EngineError`."""
    from packer.cli.words import size_in_words  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.stack.dumps import dump  # noqa: PLC0415

    if file == _STANDARD_OUTPUT:
        dump(engine, database, sys.stdout.buffer)
        return
    with out.step(f"dumping {database.place}"):
        size = dump(engine, database, file)
    out.note(f"{size_in_words(size)} of SQL, {size_in_words(file.stat().st_size)} in the file")
    out.result(str(file))


def dated(name: str, *, prefix: str = "") -> Path:
    """A name for a dump of the stack `name`, made now."""
    moment = time.strftime("%Y%m%d-%H%M%S", time.gmtime())
    return Path(f"{prefix}{name}-{moment}.sql.gz")
