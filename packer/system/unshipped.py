"""What of a project never goes into an image, whatever ignore files say: secrets, local state, tools' own files."""

from __future__ import annotations

from pathlib import Path

from msgspec import Struct

from packer.regex import regex
from packer.system.files import read_regular

__all__ = ["Unshipped", "unshipped_file", "unshipped_folder"]


class Unshipped(Struct, frozen=True):
    """Why something stays out, and whether the user is told: an app may look for it."""

    reason: str
    told: bool


_SECRET_FOLDER = Unshipped("it holds credentials", told=True)
_ENVIRONMENT = Unshipped("it may hold secrets; set variables where the image runs", told=True)
_KEY = Unshipped("it looks like a private key", told=True)
_CREDENTIALS = Unshipped("it holds credentials", told=True)
_DATABASE = Unshipped("it is a local database", told=True)
_TOOLING = Unshipped("it is for tools, not for the app", told=False)

_SECRET_FOLDERS = frozenset({".ssh", ".aws", ".azure", ".gnupg", ".kube", ".docker"})
_TOOL_FOLDERS = frozenset(
    {".idea", ".vscode", ".vs", ".fleet", ".zed", ".settings", ".github", ".gitlab", ".circleci", ".devcontainer"}
)
_EXAMPLE = regex(r"(?:^|[._-])(?:example|sample|template|tmpl|dist|defaults?)(?:[._-]|$)")
_ENVIRONMENT_FILE = regex(r"\.env(?:[._-].*)?|.+\.env|\.envrc|\.flaskenv")
_DATABASE_FILE = regex(r".+\.(?:sqlite3?|db3?)(?:-journal|-wal|-shm)?")
_KEY_FILE = regex(r"id_(?:rsa|dsa|ecdsa|ed25519)(?:[._-].*)?|.+\.(?:p12|pfx|jks|keystore|kdbx|ppk)")
_ENCODED_KEY_FILE = regex(r".+\.(?:pem|key)")
_CREDENTIALS_FILE = regex(
    r"\.netrc|_netrc|\.pgpass|\.my\.cnf|\.pypirc|\.npmrc|\.htpasswd|\.git-credentials|client_secrets?(?:[._-].*)?\.json"
)
_TOOL_FILE = regex(
    r"dockerfile(?:[._-].*)?|.+\.dockerfile|containerfile(?:[._-].*)?|(?:docker-)?compose(?:[._-].*)?\.ya?ml"
    r"|pack\.lock|pack\.toml|\.(?:docker|git|hg)ignore|\.git|\.gitattributes|\.gitmodules|\.mailmap"
    r"|.+\.py[co]|\.ds_store|thumbs\.db|desktop\.ini|\.coverage(?:\..*)?|.+\.sw[op]|.+~"
    r"|\.project|\.pydevproject|.+\.code-workspace|.+\.sublime-(?:project|workspace)"
)
_INSPECTED_BYTES = 1 << 20


def unshipped_folder(name: str) -> Unshipped | None:
    """Why a folder of this name stays out; None when it may go in."""
    if name in _SECRET_FOLDERS:
        return _SECRET_FOLDER
    return _TOOLING if name in _TOOL_FOLDERS else None


def unshipped_file(name: str, path: str) -> Unshipped | None:
    """Why the file `name` at `path` stays out; None when it may go in.

    Only a `.pem` or `.key` is looked into: it may be public.
    """
    lower = name.lower()
    if _TOOL_FILE.fullmatch(lower):
        return _TOOLING
    if _ENVIRONMENT_FILE.fullmatch(lower):
        return None if _EXAMPLE.search(lower) else _ENVIRONMENT
    if _DATABASE_FILE.fullmatch(lower):
        return _DATABASE
    if _KEY_FILE.fullmatch(lower) and not lower.endswith(".pub"):
        return _KEY
    if _ENCODED_KEY_FILE.fullmatch(lower) and not _is_public(Path(path)):
        return _KEY
    return _CREDENTIALS if _CREDENTIALS_FILE.fullmatch(lower) else None


def _is_public(file: Path) -> bool:
    """Whether a file in PEM form holds certificates or public keys only (RFC 7468)."""
    content = read_regular(file, limit=_INSPECTED_BYTES) or b""
    if b"PRIVATE KEY" in content:
        return False
    return b"-----BEGIN CERTIFICATE-----" in content or b"-----BEGIN PUBLIC KEY-----" in content
