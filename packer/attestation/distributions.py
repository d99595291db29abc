"""The Python distributions of an image, from their installed metadata.

Specifications: https://packaging.python.org/en/latest/specifications/core-metadata/ and, for the folders,
https://packaging.python.org/en/latest/specifications/recording-installed-packages/
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping

from packaging.metadata import RawMetadata, parse_email
from packaging.utils import InvalidName, canonicalize_name

from packer.attestation.inventory import Distribution
from packer.attestation.texts import line_of, text_of
from packer.errors import ArchiveError
from packer.project.model import Caution
from packer.regex import regex
from packer.store.file_tree import FileTree

__all__ = ["METADATA", "distributions"]

METADATA = regex(r"(?:.*/)?[^/]+(?:\.dist-info/METADATA|\.egg-info/PKG-INFO|\.egg-info)")
"""Where the metadata of a distribution is: a wheel's, an egg's, or the single file that distutils wrote."""

_SITE = regex(r"(?P<prefix>(?:.*/)?)lib(?:32|64)?/python(?P<python>3\.[0-9]{1,3})/(?:site|dist)-packages")
_VERSION = regex(r"[A-Za-z0-9.!+_*~-]{1,200}")
_CONFIGURED_VERSION = regex(r"^version(?:_info)?[ \t]*=[ \t]*(3\.[0-9]+\.[0-9]+[a-z0-9]*)", re.MULTILINE)
_MOST_DISTRIBUTIONS = 20_000
_MOST_REQUIREMENTS = 2_000
_LONGEST_LICENSE = 100
"""A longer `License` field holds the licence's text, not its name."""
_ALGORITHM = regex(r"sha(?:256|384|512)")
_HEXADECIMAL = regex(r"[0-9a-f]{64,128}")
_CLASSIFIER = "License :: "


def distributions(tree: FileTree, paths: Iterable[str], cautions: list[Caution]) -> tuple[Distribution, ...]:
    """The distributions whose metadata is at `paths`, by name, version and path.

    What cannot be read is noted in `cautions`. Raises `ArchiveError` for more than any image has.
    """
    found: list[Distribution] = []
    for path in paths:
        distribution = _distribution(tree, path)
        if distribution is None:
            cautions.append(Caution(what=f"/{line_of(path)} names no distribution and version, and is passed over"))
        else:
            found.append(distribution)
        if len(found) > _MOST_DISTRIBUTIONS:
            raise ArchiveError(f"the image has more than {_MOST_DISTRIBUTIONS} Python distributions", where=f"/{path}")
    return tuple(sorted(found, key=lambda one: (one.name, one.version, one.path)))


def _distribution(tree: FileTree, path: str) -> Distribution | None:
    metadata = _metadata(text_of(tree, path) or "")
    name, version = _name(metadata.get("name", "")), metadata.get("version", "").strip()
    if not name or not _VERSION.fullmatch(version):
        return None
    folder = path.rpartition("/")[0] if path.rpartition("/")[2] in {"METADATA", "PKG-INFO"} else path
    site = _SITE.fullmatch(folder.rpartition("/")[0])
    expression = line_of(metadata.get("license_expression"))
    return Distribution(
        name=name,
        version=version,
        python=site["python"] if site else "",
        python_full=_full_version(tree, site["prefix"]) if site else "",
        expression=expression,
        licenses=() if expression else _licenses(metadata),
        summary=line_of(metadata.get("summary")),
        homepage=_homepage(metadata),
        requires=tuple(metadata.get("requires_dist", ())[:_MOST_REQUIREMENTS]),
        requested=tree.file(f"{folder}/REQUESTED") is not None,
        hashes=_hashes(text_of(tree, f"{folder}/direct_url.json")),
        path=f"/{folder}",
    )


def _metadata(text: str) -> RawMetadata:
    """The fields alone: the description behind them says nothing about what is there."""
    head = re.split(r"\r?\n\r?\n", text, maxsplit=1)[0]
    try:
        return parse_email(head)[0]
    except (ValueError, TypeError, LookupError, RecursionError):
        return {}


def _name(text: str) -> str:
    try:
        return canonicalize_name(text.strip(), validate=True) if len(text) <= 200 else ""
    except InvalidName:
        return ""


def _full_version(tree: FileTree, prefix: str) -> str:
    match = _CONFIGURED_VERSION.search(text_of(tree, f"{prefix}pyvenv.cfg") or "")
    return match[1] if match else ""


def _licenses(metadata: RawMetadata) -> tuple[str, ...]:
    """The field if it is a name, else the classifiers."""
    stated = metadata.get("license", "").strip()
    if stated and "\n" not in stated and len(stated) <= _LONGEST_LICENSE and stated.upper() != "UNKNOWN":
        return (line_of(stated),)
    named = (one.rpartition(" :: ")[2] for one in metadata.get("classifiers", ()) if one.startswith(_CLASSIFIER))
    return tuple(sorted({line_of(name) for name in named} - {"", "OSI Approved"}))


def _homepage(metadata: RawMetadata) -> str:
    addresses = {label.lower(): url for label, url in metadata.get("project_urls", {}).items()}
    stated = metadata.get("home_page") or addresses.get("homepage") or addresses.get("source") or ""
    return line_of(stated) if re.fullmatch(r"https?://[^\s@]+", stated) else ""


def _hashes(text: str | None) -> tuple[tuple[str, str], ...]:
    """What `direct_url.json` notes of the archive."""
    try:
        document = json.loads(text or "{}")
        stated = document["archive_info"]["hashes"] if isinstance(document, Mapping) else {}
        pairs = sorted((str(algorithm), str(digits)) for algorithm, digits in stated.items())
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError):
        return ()
    return tuple(pair for pair in pairs if _ALGORITHM.fullmatch(pair[0]) and _HEXADECIMAL.fullmatch(pair[1]))
