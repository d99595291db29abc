"""One line of a requirements file, read as a human would: strictly where it is right, kindly where it is not."""

from __future__ import annotations

import re
from urllib.parse import unquote, urlsplit

from msgspec import Struct
from packaging.requirements import InvalidRequirement, Requirement
from packaging.utils import InvalidSdistFilename, InvalidWheelFilename, parse_sdist_filename, parse_wheel_filename

from packer.project.dependencies.line_repair import repaired
from packer.project.dependencies.requirement import requirement_fact
from packer.project.dependencies.urls import without_secrets
from packer.project.model import Evidence, RequirementFact
from packer.regex import regex

__all__ = ["Found", "Include", "Index", "Item", "LocalPath", "Nothing", "read_line"]


class Include(Struct, frozen=True):
    """`-r FILE` or `-c FILE`, the path as it is written."""

    path: str
    constraints: bool


class LocalPath(Struct, frozen=True):
    """A package by its place: `-e .`, `./libs/thing[extra]`, `vendor/thing-1.0.whl`."""

    path: str
    extras: frozenset[str] = frozenset()


class Index(Struct, frozen=True):
    """`--index-url` or `--extra-index-url`."""

    url: str


class Nothing(Struct, frozen=True):
    """A line that asks for nothing, and why that is worth a word (None: it is not)."""

    reason: str | None = None


class Found(Struct, frozen=True):
    """A requirement, and what had to be understood to read it (None: nothing)."""

    fact: RequirementFact
    note: str | None = None


Item = Found | Include | LocalPath | Index | Nothing

_OPTION_FILE = regex(r"^(-r|-c|--requirements?|--constraints?)(?:\s*=\s*|\s+|(?<=-[rc]))(?P<path>\S.*)$")
_OPTION_INDEX = regex(r"^(-i|--index-url|--extra-index-url|--pypi-url)[\s=]+(?P<url>\S+)$")
_OPTION_EDITABLE = regex(r"^(-e|--editable)[\s=]*(?P<target>\S.*)$")
_LINE_OPTIONS = regex(r"\s+(--[a-z]|-[ife]\s).*$", re.DOTALL)
_HASH = regex(r"--hash[=\s]+(sha256:[0-9a-fA-F]{64})")
_NAME_AT = regex(
    r"^(?P<name>[A-Za-z0-9][A-Za-z0-9._-]*)\s*(?P<extras>\[[^\]]*\])?\s*@\s*(?P<url>\S+?)\s*(?P<marker>;.*)?$"
)
_SCHEME = regex(r"^(?P<vcs>git|hg|svn|bzr)\+|^(https?|ftp|file)://|^file:|^git@|^git://", re.IGNORECASE)
_FOLDER = regex(r"^(\.{1,2}(/.*)?|/.*|[\w./~-]+/[\w./~-]*)(?P<extras>\[[^\]]*\])?$")
_ARCHIVE = (".whl", ".tar.gz", ".zip", ".tar.bz2", ".tgz")


def read_line(text: str, evidence: Evidence) -> list[Item]:
    """What one logical line (continuations joined, comment removed) asks for.

    Nearly always one item; a line such as `pip install flask redis` holds several.
    """
    if option := _option(text, evidence):
        return [option]
    hashes = tuple(sorted({found.lower() for found in _HASH.findall(text)}))
    body = _LINE_OPTIONS.sub("", text).strip()
    if _SCHEME.match(body):
        return [_bare_url(body, evidence)]
    if direct := _NAME_AT.match(body):
        return [_named_url(direct, evidence)]
    if body.lower().endswith(_ARCHIVE) or _FOLDER.match(body):
        return [_local(body)]
    try:
        return [Found(requirement_fact(Requirement(body), evidence, hashes))]
    except (InvalidRequirement, RecursionError):
        return _repaired(body, evidence)


def _option(text: str, evidence: Evidence) -> Item | None:
    if not text.startswith("-"):
        return None
    if found := _OPTION_FILE.match(text):
        return Include(found["path"].strip().strip("\"'"), constraints="c" in found[1][:3])
    if found := _OPTION_INDEX.match(text):
        return Index(found["url"])
    if found := _OPTION_EDITABLE.match(text):
        target = found["target"].strip("\"'")
        return _bare_url(target, evidence) if _SCHEME.match(target) else _local(target)
    if re.match(r"^-[\s]", text):  # a bulleted list
        items = read_line(text[1:].strip(), evidence)
        return items[0] if items else Nothing()
    return Nothing()


def _named_url(found: re.Match[str], evidence: Evidence) -> Item:
    """`name @ URL`; a file of somebody else's machine stands for the release that was installed from it."""
    name, url = found["name"], found["url"]
    if not url.lower().startswith("file:"):
        return _found(f"{name}{found['extras'] or ''} @ {url} {found['marker'] or ''}", evidence)
    version = _version_of_file(url)
    text = f"{name}=={version}" if version else name
    return _found(text, evidence, "files of the machine that wrote the lines are taken from the index, by their names")


def _bare_url(url: str, evidence: Evidence) -> Item:
    """A URL without a name before it: the name is in its fragment, its file name, or its repository's name."""
    if url.lower().startswith("file:"):
        return _local(unquote(url[5:].removeprefix("//")))
    if url.startswith("git@"):
        url = "git+ssh://" + url.replace(":", "/", 1)
    elif url.startswith("git://"):
        url = "git+" + url
    address, _, fragment = url.partition("#")
    parts = dict(part.split("=", 1) for part in fragment.split("&") if "=" in part)
    egg = re.match(r"[A-Za-z0-9._-]+(\[[^\]]*\])?", parts.get("egg", ""))
    subdirectory = f"#subdirectory={parts['subdirectory']}" if "subdirectory" in parts else ""
    if egg:
        # `#egg=name-1.0` and `#egg=name==1.0` both carried a version once.
        name = re.sub(r"-(\d+(\.\d+)*|dev)$", "", egg[0])
        return _found(f"{name} @ {address}{subdirectory}", evidence)
    guess = _name_of_url(address)
    if not guess:
        return Nothing(f"{without_secrets(url)} does not say which distribution it is: add #egg=NAME")
    return _found(
        f"{guess} @ {address}{subdirectory}",
        evidence,
        f"{without_secrets(url)} is taken to be {guess}, after its address",
    )


def _name_of_url(address: str) -> str | None:
    last = unquote(urlsplit(address).path.rstrip("/").rsplit("/", 1)[-1])
    try:
        if last.endswith(".whl"):
            return parse_wheel_filename(last)[0]
        if "+" not in address.split(":", 1)[0] and "/archive/" not in address:
            return parse_sdist_filename(last)[0]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    archive = re.match(r"^https://git(?:hub|lab)\.com/[^/]+/([^/]+)/(?:-/)?(?:archive|zipball|tarball)/", address)
    name = archive[1] if archive else last.split("@", 1)[0].removesuffix(".git")
    return name if re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", name) else None


def _version_of_file(url: str) -> str | None:
    last = unquote(urlsplit(url).path.rstrip("/").rsplit("/", 1)[-1])
    try:
        version = parse_wheel_filename(last)[1] if last.endswith(".whl") else parse_sdist_filename(last)[1]
    except (InvalidWheelFilename, InvalidSdistFilename):
        return None
    return str(version)


def _local(text: str) -> Item:
    path, bracket, extras = text.strip().partition("[")
    path = path.split("#", 1)[0].strip()
    if re.match(r"^[A-Za-z]:[\\/]", path):
        return Nothing(f"{path} is a path of another machine")
    names = frozenset(one.strip() for one in extras.rstrip("]").split(",") if one.strip()) if bracket else frozenset()
    return LocalPath(path.replace("\\", "/"), names)


def _found(text: str, evidence: Evidence, note: str | None = None) -> Item:
    try:
        return Found(requirement_fact(Requirement(text), evidence), note)
    except InvalidRequirement:
        return Nothing(f"«{without_secrets(text)[:80]}» is not a requirement and is left out")


def _repaired(body: str, evidence: Evidence) -> list[Item]:
    repair = repaired(body)
    if not repair.texts:
        return [Nothing(repair.reason)]
    return [_found(text, evidence, repair.reason) for text in repair.texts]
