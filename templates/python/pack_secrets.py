"""Gives the application its secrets: `NAME` from the file that `NAME_FILE` names, when Python starts.

Container engines hand over secrets as files in /run/secrets. A variable that is set wins over its file. `NAME_FILE` is
taken away once it was followed: some programs refuse to start when both are set.
"""

import os
import sys

FOLDER = "/run/secrets/"
SUFFIX = "_FILE"


def read(path):
    with open(path, encoding="utf-8") as stream:
        text = stream.read()
    return text.rstrip("\r\n")


def follow(environment):
    for variable, path in list(environment.items()):
        name = variable[: -len(SUFFIX)]
        if not name or not variable.endswith(SUFFIX) or not os.path.normpath(path).startswith(FOLDER):
            continue
        if name in environment:
            continue
        try:
            environment[name] = read(path)
        except (OSError, ValueError) as error:
            print(f"pack: {variable} names {path}, which cannot be read: {error}", file=sys.stderr)
        else:
            del environment[variable]


follow(os.environ)
