"""The proof that an image boots, in the engine that has it."""

from __future__ import annotations

import base64
import secrets

from packer.build.progress import Progress
from packer.engine.boot import check_boot
from packer.engine.connection import Engine
from packer.engine.diagnosis import diagnose
from packer.engine.placeholders import placeholder_environment
from packer.errors import EngineError
from packer.workflows.built import Boot

__all__ = ["require_boot"]


def require_boot(engine: Engine, image: str, boot: Boot, *, progress: Progress) -> None:
    """Start an image that the engine has, and wait for a good answer.

    An app that runs and fails a request for want of something around it, a database or its tables, boots: what it wants
    is said. Raises `EngineError` with the app's own traceback and the likely cause where the image is to blame.
    """
    values = placeholder_environment(boot.variables, secret=_secret())
    with progress.step("checking that it boots"):
        result = check_boot(engine, image, port=boot.port, path=boot.path, environment=values)
    boots = f"it boots: {result.url} answered {result.status} after {result.seconds:.1f} s"
    if result.ok:
        progress.note(boots)
        return
    diagnosis = diagnose(result.logs, ended=result.ended, status=result.status)
    if not diagnosis.away:
        what = f"the image does not boot: {diagnosis.cause}"
        raise EngineError(f"{what}\n\n{diagnosis.excerpt}\n", where=result.url, hint=diagnosis.hint)
    progress.note(f"{boots}, because {diagnosis.away}")
    progress.note(f"before it serves: {diagnosis.hint}")


def _secret() -> str:
    """A secret that nobody else knows, in the form that keys of Fernet have: most other readers take any."""
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode()
