"""Bytecode compiled by the target's own interpreter, run on this machine.

Bytecode differs between patch releases of one minor version, so the interpreter that the image ships compiles
it: identical wherever it is built. Files are unchecked-hash (PEP 552), so no source is looked at on import.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import islice
from pathlib import Path

from msgspec import Struct

from packer.errors import BuildError
from packer.system.process import Conversation, ConversationOver

__all__ = ["Bytecode", "Compiler", "Interpreter", "Source", "compile_sources", "pyc_path"]

_WORKER = Path(__file__).with_name("compile_worker.py")
_FLAGS = ("-B", "-S", "-s", "-W", "ignore")
"""No bytecode of its own, no site-packages, no warnings: what it does depends on the sources alone."""
_BATCH_SOURCES = 32
_BATCH_BYTES = 262_144
_SILENCE = 120.0
"""Seconds that one source may take; the slowest real ones (generated tables of some megabytes) take a few."""
_MAX_SOURCE = 32 * 1024 * 1024
_MAX_DEATHS = 20


class Interpreter(Struct, frozen=True):
    """A CPython that runs on this machine and equals the image's.

    Attributes:
        command: the argument vector that starts it (a dynamic loader and a library path may come first).
        environment: the whole environment it gets (`PYTHONHOME` for an unpacked one).
        version: X.Y.Z as the image has it, or any other text that changes when its bytecode may change.
        cache_tag: `cpython-313`.
    """

    command: tuple[str, ...]
    environment: Mapping[str, str]
    version: str
    cache_tag: str


class Source(Struct, frozen=True):
    """A Python source and the absolute path it will have in the image (which its code objects carry)."""

    path: str
    text: bytes


class Bytecode(Struct, frozen=True):
    """The result for the source of the same path: a `.pyc` file's bytes, or None with the reason it cannot be."""

    path: str
    content: bytes | None
    reason: str | None = None


def pyc_path(path: str, cache_tag: str) -> str:
    """Where Python looks for a source's bytecode.

    >>> pyc_path("/app/views/home.py", "cpython-313")
    '/app/views/__pycache__/home.cpython-313.pyc'
    """
    folder, _, name = path.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.{cache_tag}.pyc"


class Compiler:
    """Worker processes of one interpreter, started when first needed and kept until `close`.

    Safe for several threads, which share the workers. A worker that dies or hangs is replaced, and the source it had
    in hand is tried once more alone; only when that ends the same way is it given up, so that a worker ended from
    outside (for want of memory, say) does not change the result.

    Args:
        interpreter: what compiles.
        workers: how many processes at most.
    """

    def __init__(self, interpreter: Interpreter, *, workers: int = 2) -> None:
        self.interpreter = interpreter
        self._threads = ThreadPoolExecutor(workers, thread_name_prefix="compile")
        self._window = workers * 3
        self._lock = threading.Lock()
        self._idle: list[Conversation] = []
        self._busy: set[Conversation] = set()
        self._deaths = 0
        self._closed = False

    def compile(self, sources: Iterable[Source]) -> Iterator[Bytecode]:
        """Compile sources; results come in their order. At most a few batches are in memory at a time.

        A source that is not valid for the interpreter gives a `Bytecode` without content. Raises `BuildError` when
        the interpreter cannot be run or keeps dying.
        """
        batches = _batches(sources)
        pending: deque[Future[list[Bytecode]]] = deque()
        try:
            while True:
                for batch in islice(batches, self._window - len(pending)):
                    pending.append(self._threads.submit(self._compile_batch, batch))
                if not pending:
                    return
                yield from pending.popleft().result()
        finally:
            for future in pending:
                future.cancel()

    def close(self) -> None:
        """End the workers, busy ones too. May be called again."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._end_workers()
        self._threads.shutdown(wait=True)
        self._end_workers()  # a thread may have been starting one

    def _end_workers(self) -> None:
        with self._lock:
            workers, self._idle = [*self._idle, *self._busy], []
        for worker in workers:
            worker.close()

    def _compile_batch(self, batch: list[Source]) -> list[Bytecode]:
        results: list[Bytecode] = []
        while len(results) < len(batch):
            over = self._converse(batch[len(results) :], results)
            if over is None:
                continue
            culprit = batch[len(results)]
            reason = over if over.timed_out else self._converse([culprit], results)
            if reason is not None:
                results.append(Bytecode(culprit.path, None, f"the compiler failed on it: {reason.reason}"))
        return results

    def _converse(self, batch: list[Source], results: list[Bytecode]) -> ConversationOver | None:
        """Have a worker compile a batch and append its answers; why it stopped early, if it did."""
        worker = self._take_worker()
        try:
            worker.tell(_encoded(batch))
            for source in batch:
                head = worker.hear(5, timeout=_SILENCE)
                content = worker.hear(int.from_bytes(head[1:], "little"), timeout=_SILENCE)
                results.append(_decoded(source.path, valid=head[0] == 1, content=content))
        except ConversationOver as over:
            self._bury(worker)
            return over
        with self._lock:
            self._busy.discard(worker)
            self._idle.append(worker)
        return None

    def _take_worker(self) -> Conversation:
        with self._lock:
            worker = self._idle.pop() if self._idle else None
            if worker is not None:
                self._busy.add(worker)
                return worker
        if self._closed:
            raise BuildError("the build was ended while it compiled")
        worker = self._start_worker()
        with self._lock:
            self._busy.add(worker)
        return worker

    def _start_worker(self) -> Conversation:
        interpreter = self.interpreter
        worker = Conversation(
            [*interpreter.command, *_FLAGS, str(_WORKER)], env={**interpreter.environment, "PYTHONHASHSEED": "0"}
        )
        try:
            hello = worker.hear(20, timeout=_SILENCE)
        except ConversationOver as over:
            worker.close()
            raise BuildError(
                f"the image's Python {interpreter.version} does not run on this machine: {over.reason}",
                where=" ".join(interpreter.command),
                hint="switch bytecode off, or build on a machine of the image's platform",
            ) from None
        if hello[6 : 6 + hello[4]].decode(errors="replace") != interpreter.cache_tag:
            worker.close()
            raise BuildError(
                f"the interpreter makes bytecode for {hello[6:].decode(errors='replace').strip()!r}, "
                f"not for {interpreter.cache_tag!r}",
                where=" ".join(interpreter.command),
            )
        return worker

    def _bury(self, worker: Conversation) -> None:
        worker.close()
        with self._lock:
            self._busy.discard(worker)
            self._deaths += 1
            if self._deaths > _MAX_DEATHS:
                raise BuildError(
                    f"the image's Python {self.interpreter.version} keeps dying while it compiles",
                    where=" ".join(self.interpreter.command),
                    hint="switch bytecode off to build without it",
                )


def compile_sources(interpreter: Interpreter, sources: Iterable[Source], *, workers: int = 2) -> Iterator[Bytecode]:
    """Compile sources in `workers` processes of the interpreter; results come in the order of the sources.

    A source that is not valid for the interpreter gives a `Bytecode` without content. Raises `BuildError` when the
    interpreter cannot be run or dies.
    """
    compiler = Compiler(interpreter, workers=workers)
    try:
        yield from compiler.compile(sources)
    finally:
        compiler.close()


def _batches(sources: Iterable[Source]) -> Iterator[list[Source]]:
    """Small enough that the workers share the load, large enough that they need not wait for us."""
    batch: list[Source] = []
    size = 0
    for source in sources:
        batch.append(source)
        size += len(source.text)
        if len(batch) >= _BATCH_SOURCES or size >= _BATCH_BYTES:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def _encoded(batch: list[Source]) -> bytes:
    """A batch as the worker reads it. A source beyond reason is sent as one that cannot be compiled."""
    parts = [len(batch).to_bytes(4, "little")]
    for source in batch:
        path = source.path.encode("utf-8", "surrogateescape")
        text = source.text if len(source.text) <= _MAX_SOURCE else b"\0"
        parts += [len(path).to_bytes(4, "little"), len(text).to_bytes(4, "little"), path, text]
    return b"".join(parts)


def _decoded(path: str, *, valid: bool, content: bytes) -> Bytecode:
    return Bytecode(path, content) if valid else Bytecode(path, None, content.decode(errors="replace"))
