"""Files and folders that code makes or writes by calling functions of the library and of well-known packages."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from types import MappingProxyType

from packer.project.code.module import Site
from packer.project.code.program import Definition
from packer.project.routing.application import keyword
from packer.project.writable.places import Place, PlaceKind, Places

__all__ = ["written_files"]

_FUNCTIONS: MappingProxyType[str, tuple[PlaceKind, int, str]] = MappingProxyType(
    {
        "os.makedirs": ("directory", 0, "name"),
        "os.mkdir": ("directory", 0, "path"),
        "shutil.copy": ("file", 1, "dst"),
        "shutil.copy2": ("file", 1, "dst"),
        "shutil.copyfile": ("file", 1, "dst"),
        "shutil.copytree": ("directory", 1, "dst"),
        "shutil.move": ("file", 1, "dst"),
        "os.rename": ("file", 1, "dst"),
        "os.replace": ("file", 1, "dst"),
        "urllib.request.urlretrieve": ("file", 1, "filename"),
        "cv2.imwrite": ("file", 0, "filename"),
        "numpy.save": ("file", 0, "file"),
        "joblib.dump": ("file", 1, "filename"),
        "matplotlib.pyplot.savefig": ("file", 0, "fname"),
        "scipy.io.wavfile.write": ("file", 0, "filename"),
        "soundfile.write": ("file", 0, "file"),
        "whoosh.index.create_in": ("directory", 0, "dirname"),
        "whoosh.index.open_dir": ("directory", 0, "dirname"),
        "whoosh.index.exists_in": ("directory", 0, "dirname"),
        "diskcache.Cache": ("directory", 0, "directory"),
        "flask_caching.backends.FileSystemCache": ("directory", 0, "cache_dir"),
        "cachelib.file.FileSystemCache": ("directory", 0, "cache_dir"),
        "cachelib.FileSystemCache": ("directory", 0, "cache_dir"),
        "werkzeug.contrib.cache.FileSystemCache": ("directory", 0, "cache_dir"),
        "logging.FileHandler": ("file", 0, "filename"),
        "logging.handlers.RotatingFileHandler": ("file", 0, "filename"),
        "logging.handlers.TimedRotatingFileHandler": ("file", 0, "filename"),
        "logging.handlers.WatchedFileHandler": ("file", 0, "filename"),
        "concurrent_log_handler.ConcurrentRotatingFileHandler": ("file", 0, "filename"),
        "loguru.logger.add": ("file", 0, "sink"),
    }
)
"""What a function writes: the kind, and the argument that names it by position and by name."""

_KEYWORDS = MappingProxyType({"logging.basicConfig": "filename", "logging.handlers.basicConfig": "filename"})
_METHODS: MappingProxyType[str, int] = MappingProxyType(
    {
        "to_csv": 0,
        "to_excel": 0,
        "to_json": 0,
        "to_pickle": 0,
        "savefig": 0,
        "imwrite": 0,
        "write_html": 0,
        "write_image": 0,
    }
)
"""Methods of objects that nobody can follow by reading, with the argument that names the file."""

_OPENERS = frozenset(
    {"open", "io.open", "codecs.open", "gzip.open", "bz2.open", "lzma.open", "zipfile.ZipFile", "tarfile.open"}
)
_LOG_CLASSES = ("FileHandler", "RotatingFileHandler", "TimedRotatingFileHandler", "WatchedFileHandler")


def written_files(places: Places) -> Iterator[Place]:
    """Every place that a call of the program's modules writes to."""
    for module in places.program.modules:
        for call in module.calls:
            yield from _by_function(places, call)
            if isinstance(call.node.func, ast.Attribute):
                yield from _by_method(places, call, call.node.func)
        for mapping in module.mappings:
            yield from _log_file(places, mapping)


def _by_function(places: Places, call: Site[ast.Call]) -> Iterator[Place]:
    name = places.program.name_of(call.node.func, call.scope)
    if name is None:
        return
    if name in _OPENERS:
        given = keyword(call.node, "file", 0)
        if given is not None and _writes(keyword(call.node, "mode", 1)):
            yield from places.at(given, call.scope, "file")
    elif name in _FUNCTIONS:
        kind, position, parameter = _FUNCTIONS[name]
        given = keyword(call.node, parameter, position)
        if given is not None:
            yield from places.at(given, call.scope, kind, made=kind == "directory")
    elif name in _KEYWORDS:
        given = keyword(call.node, _KEYWORDS[name])
        if given is not None:
            yield from places.at(given, call.scope, "file")
    directory = keyword(call.node, "dir")
    if directory is not None and name.startswith("tempfile."):
        yield from places.at(directory, call.scope, "directory")


def _by_method(places: Places, call: Site[ast.Call], function: ast.Attribute) -> Iterator[Place]:
    match function.attr:
        case "mkdir":
            yield from _of_path(places, call, function.value, "directory")
        case "write_text" | "write_bytes" | "touch":
            yield from _of_path(places, call, function.value, "file")
        case "open" if _writes(keyword(call.node, "mode", 0)):
            yield from _of_path(places, call, function.value, "file")
        case "save":
            given = keyword(call.node, "dst", 0) or keyword(call.node, "fp")
            if given is not None and _is_path(places, call, given):
                yield from places.at(given, call.scope, "file")
        case name if name in _METHODS and len(call.node.args) > _METHODS[name]:
            given = call.node.args[_METHODS[name]]
            if _is_path(places, call, given):
                yield from places.at(given, call.scope, "file")
        case _:
            return


def _of_path(places: Places, call: Site[ast.Call], owner: ast.expr, kind: PlaceKind) -> Iterator[Place]:
    """What a method of a `pathlib` path writes. The path must be known to be one."""
    if places.program.name_of(owner, call.scope) is None:
        yield from places.at(owner, call.scope, kind, made=kind == "directory")


def _is_path(places: Places, call: Site[ast.Call], given: ast.expr) -> bool:
    """Whether an argument of a method named `save` and the like looks like a file name at all."""
    value = places.constants.text(given, call.scope)
    if value is not None:
        return "/" in value or "." in value
    meaning = places.program.meaning(given, call.scope)
    node = meaning.node if isinstance(meaning, Definition) else given
    return isinstance(node, ast.Call | ast.BinOp | ast.JoinedStr)


def _writes(mode: ast.expr | None) -> bool:
    return isinstance(mode, ast.Constant) and isinstance(mode.value, str) and bool(set("wax+") & set(mode.value))


def _log_file(places: Places, mapping: Site[ast.Dict]) -> Iterator[Place]:
    """A handler in the literal of `logging.config.dictConfig`: `{"class": "logging.FileHandler", "filename": …}`."""
    parts = {
        key.value: value
        for key, value in zip(mapping.node.keys, mapping.node.values, strict=True)
        if isinstance(key, ast.Constant) and isinstance(key.value, str)
    }
    handler, filename = parts.get("class") or parts.get("()"), parts.get("filename")
    if filename is not None and isinstance(handler, ast.Constant) and str(handler.value).endswith(_LOG_CLASSES):
        yield from places.at(filename, mapping.scope, "file")
