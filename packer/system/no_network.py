"""The network of somebody who wants none."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from pathlib import PurePosixPath

from packer.errors import TransientError
from packer.system.http import Exchange, Http, Request, Response
from packer.system.urllib_http import UrllibHttp

__all__ = ["NoNetwork"]


class NoNetwork(Http, Exchange):
    """Refuses whatever is not on this machine, and says what was wanted."""

    def get(self, url: str, *, headers: Mapping[str, str] | None = None) -> AbstractContextManager[Response]:
        """Files only. Raises `TransientError` for everything else."""
        if url.startswith("file:"):
            return UrllibHttp({}).get(url, headers=headers)
        raise TransientError(
            f"{PurePosixPath(url.partition('?')[0]).name} is not in the cache, and --offline forbids fetching it",
            hint="build once without --offline",
        )

    def send(self, request: Request) -> AbstractContextManager[Response]:
        """Nothing. Raises `TransientError`."""
        what = PurePosixPath(request.url.partition("?")[0]).name
        hint = "build once without --offline"
        raise TransientError(f"{what} is not in the cache, and --offline forbids fetching it", hint=hint)
