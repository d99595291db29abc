"""A person in a project's folder, who types pack's commands."""

from __future__ import annotations

import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

from .pack_command import PackCommand

__all__ = ["APP", "ProjectCommands"]

APP = """
from flask import Flask

app = Flask(__name__)


@app.get("/")
def index():
    return "Hello from here"
"""


@dataclass(frozen=True, slots=True)
class ProjectCommands:
    """The folder, and the command."""

    folder: Path
    pack: PackCommand

    @classmethod
    def new(cls, folder: Path, pack: PackCommand) -> ProjectCommands:
        """In a new folder with a small app."""
        folder.mkdir(parents=True)
        (folder / "requirements.txt").write_text("flask\n")
        (folder / "app.py").write_text(APP)
        return cls(folder, pack)

    def run(self, *words: str, given: str = "") -> subprocess.CompletedProcess[str]:
        """To its end, whatever that is."""
        return subprocess.run(
            [sys.executable, "-m", "packer", *words],
            check=False,
            capture_output=True,
            text=True,
            cwd=self.folder,
            env=self.pack.environment,
            input=given,
        )

    def __call__(self, *words: str, given: str = "") -> str:
        """To its good end; what it printed."""
        done = self.run(*words, given=given)
        assert done.returncode == 0, f"pack {' '.join(words)}: {done.stderr}"
        return done.stdout

    def started(self, *words: str, stdin: int | None = subprocess.DEVNULL) -> subprocess.Popen[str]:
        """Under way, in a session of its own."""
        return subprocess.Popen(
            [sys.executable, "-m", "packer", *words],
            stdin=stdin,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            cwd=self.folder,
            env=self.pack.environment,
            start_new_session=True,
        )
