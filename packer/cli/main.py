"""The command line: what every command shares. One place catches errors and chooses the exit code."""

from __future__ import annotations

import os
import sys
from typing import Annotated

import typer

from packer import __version__
from packer.cli.commands import CommandGroup
from packer.cli.output import Output
from packer.cli.pages import CONTEXT_SETTINGS
from packer.errors import PackError

__all__ = ["app", "main"]

_INTERRUPTED = 130
_BUG = 70

app = typer.Typer(
    name="pack",
    cls=CommandGroup,
    help="From a Flask project to production images and a running stack. No Dockerfile, no Docker needed to build.",
    epilog="Start with:  pack inspect   then:  pack build   and:  pack up",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode=None,
    context_settings=CONTEXT_SETTINGS,
)


def _version(value: bool) -> None:  # noqa: FBT001 - typer's callback signature
    if value:
        python = ".".join(map(str, sys.version_info[:3]))
        Output().result(
            f"pack {__version__} (packer: Flask projects to OCI images; not Cloud Native Buildpacks; Python {python})"
        )
        raise typer.Exit


@app.callback()
def _options(
    *,
    version: Annotated[  # noqa: ARG001 - acted upon by its callback
        bool, typer.Option("--version", help="Show which pack this is, and exit.", callback=_version, is_eager=True)
    ] = False,
    verbose: Annotated[bool, typer.Option("--verbose", "-v", help="Show tracebacks.", envvar="PACK_VERBOSE")] = False,
) -> None:
    if verbose:
        os.environ["PACK_VERBOSE"] = "1"  # the one reader is `main`, which runs outside of typer


def main() -> None:
    """Run the command line and exit with the code of `packer.errors`."""
    if "_PACK_COMPLETE" in os.environ:
        from packer.cli.completion import join_bash_words  # noqa: PLC0415 - only a shell's question needs it

        join_bash_words(os.environ)
    try:
        app(prog_name="pack")
    except PackError as error:
        Output().error(error)
        _leave(error.exit_code, error)
    except KeyboardInterrupt as error:
        Output().note("interrupted")
        _leave(_INTERRUPTED, error)
    except SystemExit as end:  # typer turns an interrupt into its exit code, and says nothing
        if end.code == _INTERRUPTED:
            Output().note("interrupted")
        raise
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # keeps the interpreter's last flush quiet
        sys.exit(1)
    except Exception as error:  # noqa: BLE001 - the one place that catches everything
        what = f"this is a bug in pack: {type(error).__name__}: {error}"
        Output().error(PackError(what, hint="run it again with --verbose and report what it shows"))
        _leave(_BUG, error)


def _leave(code: int, error: BaseException) -> None:
    if os.environ.get("PACK_VERBOSE"):
        raise error
    sys.exit(code)
