"""The program that an image's interpreter runs to compile sources. Run by its path, never imported.

It may use nothing but built-in and frozen modules of any CPython >= 3.8: the interpreter may come with a small
standard library. On stdin stand batches, on stdout the answers, in the same order; numbers are little-endian:

    hello    `pack` when ready, then 2 + 14 bytes: the length of the cache tag and the cache tag, padded with spaces
    batch    u32 number of sources, then for each u32 length of the path, u32 length of the text, path, text
    answer   u8 1 for bytecode or 0 for a reason, u32 length, bytes

A batch is read whole before its first answer is written, so neither side waits for the other with a full pipe.

The bytes are the same in every run and order, which takes some care: `marshal` writes the same code object in more
than one way, depending on which equal strings the process has interned before.

- A frozenset constant is copied or not, and so marked as shared or not, depending on whether its strings were interned
  already (measured on 3.12, where interned strings never die): every one is replaced by a copy that is held.
- Before 3.11 a name that is interned but used once is marked as shared if somebody else holds it: the source is
  compiled again while the first result is alive, which then holds all of its names.
- Strings of one Latin-1 character are shared by the whole process, and before 3.12 whether one is interned depends on
  what was compiled earlier: all are interned at the start.
- The order of a frozenset constant follows the hash seed before 3.11: the caller fixes the seed.
"""

import sys

sys.path.pop(0)  # the folder of this file, whose modules must not stand in for the standard library's

import gc
import marshal
from importlib.util import MAGIC_NUMBER, source_hash
from types import CodeType

_UNCHECKED_HASH = (1).to_bytes(4, "little")
"""PEP 552 flags: hash-based, and the source is not looked at on import."""


def _no_core_dump() -> None:
    """A source that crashes the compiler is expected and leaves no file behind."""
    try:
        import resource  # noqa: PLC0415 (not every standard library has it)

        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    except (ImportError, ValueError, OSError):
        pass


def _with_held_sets(code: CodeType, held: "list[object]") -> CodeType:
    """The code with every frozenset constant replaced by a copy that `held` holds too; itself when it has none."""
    changed = False
    constants: list[object] = []
    for constant in code.co_consts:
        copy = constant
        if isinstance(constant, frozenset):
            copy = frozenset([*constant])
            held.append(copy)
        elif isinstance(constant, CodeType):
            copy = _with_held_sets(constant, held)
        constants.append(copy)
        changed = changed or copy is not constant
    return code.replace(co_consts=tuple(constants)) if changed else code


def _bytecode(path: str, text: bytes) -> bytes:
    held: list[object] = []  # until the end of the function: see above
    code = compile(text, path, "exec", dont_inherit=True, optimize=0)
    if sys.version_info < (3, 11):
        held.append(code)
        code = compile(text, path, "exec", dont_inherit=True, optimize=0)
    else:
        code = _with_held_sets(code, held)
    return MAGIC_NUMBER + _UNCHECKED_HASH + source_hash(text) + marshal.dumps(code)


def _answer(path: bytes, text: bytes) -> "tuple[bytes, bytes]":
    try:
        return b"\1", _bytecode(path.decode("utf-8", "surrogateescape"), text)
    except SyntaxError as error:
        reason = f"{type(error).__name__}: {error.msg} (line {error.lineno})"
    except Exception as error:  # noqa: BLE001 (whatever a hostile source makes the compiler raise is its reason)
        reason = f"{type(error).__name__}: {error}"
    return b"\0", reason[:500].encode("utf-8", "replace")


def _intern_characters() -> None:
    for number in range(256):
        sys.intern(chr(number))


def _serve() -> None:
    read, out = sys.stdin.buffer.read, sys.stdout.buffer
    tag = (sys.implementation.cache_tag or "").encode()
    out.write(b"pack" + len(tag).to_bytes(2, "little") + tag[:14].ljust(14))
    out.flush()
    while True:
        head = read(4)
        if len(head) < 4:
            return
        batch = []
        for _ in range(int.from_bytes(head, "little")):
            sizes = read(8)
            path = read(int.from_bytes(sizes[:4], "little"))
            batch.append((path, read(int.from_bytes(sizes[4:], "little"))))
        for path, text in batch:
            kind, content = _answer(path, text)
            out.write(kind + len(content).to_bytes(4, "little") + content)
            out.flush()


if __name__ == "__main__":
    _no_core_dump()
    gc.disable()  # compiling makes no cycles, and looking for them takes a tenth of its time
    _intern_characters()
    _serve()
