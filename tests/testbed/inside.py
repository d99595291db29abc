"""What an image's own interpreter finds below a folder: run in a container, it prints a JSON document.

It is given to `python -c`, so it imports nothing of this package. Bytecode is told by what its code objects are, not by
its bytes, because `marshal` writes equal code in more than one way.
"""

import hashlib
import json
import marshal
import os
import stat
import sys


def _told(value: object) -> object:
    """A constant, or a code object with everything that it does and says, as a value whose text is always the same."""
    if hasattr(value, "co_code"):
        names = ("co_name", "co_filename", "co_names", "co_varnames", "co_cellvars", "co_freevars", "co_flags",
                 "co_argcount", "co_firstlineno", "co_stacksize")  # fmt: skip
        return [
            "code",
            value.co_code.hex(),
            [str(getattr(value, name)) for name in names],
            [list(lines) for lines in value.co_lines()],  # type: ignore[attr-defined]
            [_told(constant) for constant in value.co_consts],  # type: ignore[attr-defined]
        ]
    if isinstance(value, tuple):
        return ["tuple", [_told(one) for one in value]]
    if isinstance(value, frozenset):
        return ["frozenset", sorted(str(_told(one)) for one in value)]
    return [type(value).__name__, repr(value)]


def _content(path: str) -> str:
    with open(path, "rb") as stream:  # noqa: PTH123 (the least of an interpreter)
        content = stream.read()
    if path.endswith(".pyc"):
        content = content[:16] + json.dumps(_told(marshal.loads(content[16:]))).encode()
    return hashlib.sha256(content).hexdigest()


def main(root: str) -> None:
    """Print path to kind, mode, owner and content, for everything below a folder."""
    found = {}
    for folder, folders, names in os.walk(root):
        for name in folders + names:
            path = os.path.join(folder, name)  # noqa: PTH118
            state = os.lstat(path)
            if stat.S_ISLNK(state.st_mode):
                found[path] = ["link", os.readlink(path)]  # noqa: PTH115
                continue
            owned = [f"{stat.S_IMODE(state.st_mode):o}", f"{state.st_uid}:{state.st_gid}"]
            kind = "file" if stat.S_ISREG(state.st_mode) else "folder"
            found[path] = [kind, *owned, *([_content(path)] if kind == "file" else [])]
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main(sys.argv[1])
