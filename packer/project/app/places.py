"""What a path says about its file: whether it is production code, and whether it is named like an entry point."""

from __future__ import annotations

import re
from functools import lru_cache

from packer.regex import regex

__all__ = [
    "LOADED_BEFORE",
    "entry_rank",
    "folder_of",
    "is_aside",
    "is_foreign",
    "is_teaching",
    "is_template",
    "module_stem",
]

_FOREIGN = frozenset({
    "test", "tests", "testing", "unittests", "unit_tests", "integration_tests", "functional_tests", "e2e", "spec",
    "specs", "testsuite", "test_apps", "testapps", "fixtures", "conftest.py", "noxfile.py", "setup.py", "tasks.py",
    "fabfile.py",
    "doc", "docs", "docs_src", "documentation", "benchmark", "benchmarks", "bench", "perf", "migrations", "alembic",
    "vendor", "vendored", "third_party", "third-party", "thirdparty", "node_modules", "site-packages",
})  # fmt: skip
"""Folders and files whose applications never are the one to run in production."""

_TEACHING = frozenset({
    "example", "examples", "sample", "samples", "notebook", "notebooks", "cookbook", "recipes", "snippets", "tutorial",
    "tutorials",
})  # fmt: skip
"""Folders whose applications show how something is done, unless a project has nothing else."""

_ASIDE = frozenset({
    "script", "scripts", "tool", "tools", "demo", "demos", "bin", "util", "utils", "misc", "contrib", "archive",
    "archived", "old", "backup", "backups", "bak", "legacy", "deprecated", "sandbox", "playground", "experiments",
    "experiment", "experimental", "prototype", "mock", "mocks", "stubs", "dev", "devtools", "ci", "hack", "filters",
    "training", "research", "assets", "plugins", "copy", "draft", "drafts", "unused", "temp", "tmp", "templates",
    "test.py", "demo.py", "example.py", "benchmark.py", "mock_server.py",
})  # fmt: skip
"""Places whose applications are rarely the one to start."""

LOADED_BEFORE = frozenset({
    "abc", "argparse", "array", "ast", "atexit", "base64", "bisect", "builtins", "calendar", "codecs", "collections",
    "concurrent", "contextlib", "copy", "csv", "datetime", "dis", "email", "encodings", "enum", "errno", "fcntl",
    "fnmatch", "functools", "gettext", "glob", "grp", "heapq", "html", "importlib", "inspect", "io", "ipaddress",
    "itertools", "keyword", "linecache", "locale", "logging", "math", "operator", "os", "pathlib", "platform", "pwd",
    "queue", "random", "re", "select", "selectors", "shlex", "shutil", "signal", "site", "socket", "ssl", "stat",
    "string", "struct", "sys", "tempfile", "textwrap", "threading", "time", "token", "tokenize", "traceback", "types",
    "typing", "urllib", "warnings", "weakref", "zipfile", "zlib",
})  # fmt: skip
"""Modules of Python's own that are loaded when gunicorn 27 starts, so that no module of the project has their name."""

_TEST_FILE = regex(r"(test_.+|.+_tests?|tests)\.py")
_ENTRY_RANKS = {
    "wsgi": 40, "app": 36, "autoapp": 34, "application": 34, "main": 32, "asgi": 30, "server": 28, "run": 24,
    "index": 22, "api": 20, "web": 20, "webapp": 22, "website": 20, "site": 16, "start": 16, "runserver": 18,
    "__main__": 8, "manage": 14, "flask_app": 30, "flaskapp": 30, "factory": 12, "run_app": 18, "passenger_wsgi": 30,
    "webserver": 20, "service": 12, "backend": 16, "dashboard": 12, "home": 10, "entry": 12, "entrypoint": 14,
}  # fmt: skip


def is_foreign(path: str) -> bool:
    """Whether a file stands under tests, documentation, examples, migrations and the like."""
    return is_teaching(path) or _is_foreign(path)


def is_teaching(path: str) -> bool:
    """Whether a file is foreign only because it stands among examples and tutorials."""
    return not _TEACHING.isdisjoint(path.lower().split("/")[:-1]) and not _is_foreign(path)


@lru_cache(maxsize=65536)
def _is_foreign(path: str) -> bool:
    *folders, name = path.lower().split("/")
    if any(folder in _FOREIGN or folder.startswith(("test_", "tests_", "docs_", "docs-")) for folder in folders):
        return True
    return name in _FOREIGN or _TEST_FILE.fullmatch(name) is not None


@lru_cache(maxsize=65536)
def is_aside(path: str) -> bool:
    """Whether a file stands where the main application rarely is: scripts, tools, demos, backups."""
    return any(
        part in _ASIDE or part.endswith((" copy", "_old", "-old", "_backup", ".bak.py", "_copy.py", "_demo.py"))
        for part in path.lower().split("/")
    )


def is_template(path: str) -> bool:
    """Whether a path still waits for a template engine to fill it in."""
    return "{{" in path or "{%" in path


@lru_cache(maxsize=65536)
def entry_rank(path: str) -> int:
    """How much a file's name says that it is where the program starts: 0 for nothing, `wsgi.py` the most."""
    stem = module_stem(path).lower()
    rank = _ENTRY_RANKS.get(stem, 0)
    if rank:
        return rank
    if path.endswith("/__init__.py"):
        return 14
    words = re.split(r"[_\W]+", stem)
    if "wsgi" in words:
        return 30
    return 8 if {"app", "main", "server", "run", "api", "web"} & set(words) else 0


def module_stem(path: str) -> str:
    """The module's own name: a package's is its folder's.

    >>> module_stem("shop/__init__.py"), module_stem("wsgi.py")
    ('shop', 'wsgi')
    """
    folder, _, name = path.rpartition("/")
    return folder.rpartition("/")[2] if name == "__init__.py" else name.rpartition(".")[0] or name


def folder_of(path: str) -> str:
    """The folder of a file or folder, `.` for the root and for what stands there."""
    return path.rpartition("/")[0] or "."
