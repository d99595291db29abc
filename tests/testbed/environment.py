"""The Python environment that tests run in: `.venv` in the checkout, with pack and its development tools."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
import sysconfig
from pathlib import Path

from . import apt

__all__ = ["PrepareError", "prepare"]

_STAMP = "pack-tests.stamp"
_VENV_MODULES = ("venv", "ensurepip")


class PrepareError(Exception):
    """The environment cannot be made; the text says why and what to do."""


def prepare(checkout: Path) -> Path:
    """Make or refresh the environment. Returns the folder of its programs. Does nothing when nothing changed."""
    environment = checkout / ".venv"
    programs = environment / "bin"
    state = _state(checkout)
    stamp = environment / _STAMP
    if stamp.is_file() and stamp.read_text() == state and _runs(programs / "python"):
        return programs
    if not _runs(programs / "python"):
        _create(environment)
    if not _runs(programs / "uv"):
        _call([programs / "python", "-m", "pip", "install", "--quiet", "uv"], checkout)
    _call([programs / "uv", "pip", "install", "--quiet", "--editable", ".", "--group", "dev"], checkout)
    stamp.write_text(state)
    return programs


def _create(environment: Path) -> None:
    """Make a virtual environment; Debian and Ubuntu keep what that needs in a package of its own."""
    if not all(_has_module(name) for name in _VENV_MODULES):
        package = f"python3.{sys.version_info.minor}-venv"
        try:
            apt.install([package])
        except apt.AptError as error:
            raise PrepareError(f"Python cannot make virtual environments here, and {error}") from error
    _call([Path(sys.executable), "-m", "venv", "--clear", environment], environment.parent)


def _state(checkout: Path) -> str:
    """What the environment is made from."""
    manifest = hashlib.sha256((checkout / "pyproject.toml").read_bytes()).hexdigest()
    return f"{checkout} {sysconfig.get_platform()} {sys.version_info[:2]} {manifest}\n"


def _has_module(name: str) -> bool:
    return subprocess.run([sys.executable, "-c", f"import {name}"], check=False, capture_output=True).returncode == 0


def _runs(program: Path) -> bool:
    try:
        return subprocess.run([program, "--version"], check=False, capture_output=True).returncode == 0
    except OSError:
        return False


def _call(command: list[Path | str], directory: Path) -> None:
    environment = {**os.environ, "VIRTUAL_ENV": str(directory / ".venv")}
    done = subprocess.run(command, check=False, cwd=directory, env=environment, stdin=subprocess.DEVNULL)
    if done.returncode:
        words = " ".join(str(word) for word in command)
        raise PrepareError(f"`{words}` ended with {done.returncode} (its own words are above)")
