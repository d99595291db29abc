"""What an image's own interpreter finds below a folder: run in a container, it prints a JSON document.

It is given to `python -c`, so it imports nothing of this package. `marshal` writes equal code in more than one way,
depending on what is shared and interned; its second version knows neither, so bytecode is written again by that.
"""

import hashlib
import json
import marshal
import os
import stat
import sys


def _content(path: str) -> str:
    with open(path, "rb") as stream:  # noqa: PTH123 (the least of an interpreter)
        content = stream.read()
    if path.endswith(".pyc"):
        content = content[:16] + marshal.dumps(marshal.loads(content[16:]), 2)
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
