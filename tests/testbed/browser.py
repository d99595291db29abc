"""A browser without a window, steered by the DevTools protocol over a pair of pipes.

https://chromedevtools.github.io/devtools-protocol: messages are JSON, each ends with a zero byte.
"""

from __future__ import annotations

import base64
import json
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import IO, Any

__all__ = ["SYSTEM_PACKAGES", "Browser", "BrowserError", "running_browser"]

SYSTEM_PACKAGES = ("chromium", "fonts-liberation")
_SECONDS = 60
_PAUSE = 0.1
_OPTIONS = (
    "--headless=new",
    "--remote-debugging-pipe",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-dev-shm-usage",
    "--window-size=1000,1400",
)


class BrowserError(Exception):
    """A page does not do what it was asked; the text says what."""


class Browser:
    """One page."""

    def __init__(self, commands: IO[bytes], answers: BufferedReader) -> None:
        self._commands = commands
        self._answers = answers
        self._unread = b""
        self._number = 0
        self._session: str | None = None
        target = self._tell("Target.createTarget", url="about:blank")["targetId"]
        self._session = self._tell("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]

    def open(self, url: str) -> None:
        """Go to a page, and wait until it is there."""
        failure = self._tell("Page.navigate", url=url).get("errorText")
        if failure:
            raise BrowserError(f"{url}: {failure}")
        self.wait_for("document.readyState === 'complete'")

    def value(self, expression: str) -> Any:
        """What a JavaScript expression comes to in the page."""
        answer = self._tell("Runtime.evaluate", expression=expression, returnByValue=True)
        if "exceptionDetails" in answer:
            raise BrowserError(f"{expression}: {answer['exceptionDetails']}")
        return answer["result"].get("value")

    def wait_for(self, condition: str) -> None:
        """Ask until an expression is true; while a page is left there is nobody to ask."""
        deadline = time.monotonic() + _SECONDS
        while True:
            try:
                if self.value(condition):
                    return
            except BrowserError:
                if time.monotonic() > deadline:
                    raise
            if time.monotonic() > deadline:
                raise BrowserError(f"never true: {condition}")
            time.sleep(_PAUSE)

    def screenshot(self, path: Path) -> None:
        """Keep what the page looks like."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(base64.b64decode(self._tell("Page.captureScreenshot", format="png")["data"]))

    def _tell(self, method: str, **terms: Any) -> dict[str, Any]:
        self._number += 1
        message = {"id": self._number, "method": method, "params": terms}
        if self._session:
            message["sessionId"] = self._session
        self._commands.write(json.dumps(message).encode() + b"\0")
        while True:
            answer = json.loads(self._message())
            if answer.get("id") == self._number:
                break
        if "error" in answer:
            raise BrowserError(f"{method}: {answer['error']}")
        return dict(answer["result"])

    def _message(self) -> bytes:
        while b"\0" not in self._unread:
            part = self._answers.read1(1 << 16)
            if not part:
                raise BrowserError("the browser has ended")
            self._unread += part
        message, _, self._unread = self._unread.partition(b"\0")
        return message


@contextmanager
def running_browser(program: Path) -> Iterator[Browser]:
    """Run Chromium until the block ends."""
    with tempfile.TemporaryDirectory(prefix="pack-browser-", ignore_cleanup_errors=True) as folder:
        theirs_in, commands = os.pipe()
        answers, theirs_out = os.pipe()
        pipes = f'exec "$0" "$@" 3</proc/self/fd/{theirs_in} 4>/proc/self/fd/{theirs_out}'
        process = subprocess.Popen(
            ["sh", "-c", pipes, str(program), *_OPTIONS, f"--user-data-dir={folder}"],
            pass_fds=(theirs_in, theirs_out),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "HOME": folder},
        )
        os.close(theirs_in)
        os.close(theirs_out)
        with os.fdopen(commands, "wb", buffering=0) as write, os.fdopen(answers, "rb") as read:
            try:
                yield Browser(write, read)
            finally:
                write.close()
                _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """It ends when nobody can command it any more."""
    try:
        process.wait(timeout=10)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
