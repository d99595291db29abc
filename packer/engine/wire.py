"""The connection to a process in a container: what it writes, and what it is given to read.

Without a terminal both of its outputs come in frames of eight bytes' header, as
https://docs.docker.com/reference/api/engine/version/v1.45/#tag/Container/operation/ContainerAttach says.
"""

from __future__ import annotations

import socket
import ssl
import struct
from collections.abc import Callable, Iterator
from typing import Any

from packer.errors import EngineError

__all__ = ["STDERR", "STDOUT", "Wire", "frames"]

STDOUT, STDERR = 1, 2
_HEADER = struct.Struct(">BxxxL")
_CHUNK = 65_536


class Wire:
    """An open connection, taken over from the docker SDK, which loses what arrives together with the answer's head.

    Args:
        taken: the socket that the SDK gives for `attach_socket` and `exec_start(socket=True)`.
        tty: the process has a terminal, so that its outputs are one.
    """

    def __init__(self, taken: Any, *, tty: bool) -> None:
        self._answer = taken._response  # noqa: SLF001 - the SDK's way to keep it alive, and the only one to its buffer
        self._reader = self._answer.raw._fp.fp  # noqa: SLF001
        channel = getattr(self._reader, "channel", None)  # of the SDK's SSH transport
        self._sender: Any = channel or self._reader.raw._sock  # noqa: SLF001
        self._tty = tty
        if channel is None:
            self._sender.settimeout(None)

    def outputs(self) -> Iterator[tuple[int, bytes]]:
        """What the process writes, as it comes: which output, and the bytes. Ends with the process."""
        if not self._tty:
            yield from frames(self._read)
            return
        while chunk := self._read(_CHUNK):
            yield STDOUT, chunk

    def write(self, data: bytes) -> None:
        """Give it something to read. Nothing happens when it reads no more."""
        try:
            self._sender.sendall(data)
        except (BrokenPipeError, ConnectionResetError):
            return

    def end_input(self) -> None:
        """Tell it that there is no more to read. Raises `EngineError` on a connection that cannot say so."""
        if isinstance(self._sender, ssl.SSLSocket):
            raise EngineError(
                "over TLS the engine cannot be told where the input ends", hint="reach the engine by ssh://"
            )
        if type(self._sender) is socket.socket:
            try:
                self._sender.shutdown(socket.SHUT_WR)
            except OSError:  # it has ended
                return
        else:
            self._sender.proc.stdin.close()

    def close(self) -> None:
        """Let go of it; the process is not ended."""
        self._answer.close()

    def _read(self, size: int) -> bytes:
        try:
            return bytes(self._reader.read1(size))
        except (ConnectionResetError, ValueError):  # closed, by the other side or by this one
            return b""


def frames(read: Callable[[int], bytes]) -> Iterator[tuple[int, bytes]]:
    """The frames of a stream. A frame that is cut off ends it.

    Args:
        read: gives at most so many bytes, and none at the end.
    """
    while len(header := _exactly(read, _HEADER.size)) == _HEADER.size:
        output, length = _HEADER.unpack(header)
        while length and (chunk := read(min(length, _CHUNK))):
            yield output, chunk
            length -= len(chunk)


def _exactly(read: Callable[[int], bytes], size: int) -> bytes:
    found = b""
    while len(found) < size and (chunk := read(size - len(found))):
        found += chunk
    return found
