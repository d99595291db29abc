"""The user's credentials, from where Docker, podman and CI systems keep them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

from packer.registry.auth_file import AuthFile, auth_key
from packer.registry.credential_helper import CredentialHelper
from packer.registry.credentials import Credential, Found
from packer.system.files import read_regular

__all__ = ["MAX_FILE_BYTES", "UserKeychain", "docker_config_file"]

MAX_FILE_BYTES = 1 << 20
_GITHUB = "ghcr.io"


def docker_config_file(environment: Mapping[str, str]) -> Path:
    """Docker's config.json."""
    folder = environment.get("DOCKER_CONFIG")
    return Path(folder) / "config.json" if folder else Path(environment.get("HOME", "/")) / ".docker" / "config.json"


class UserKeychain:
    """Looks where the user's other tools do; the first place that knows a registry decides.

    The order: `PACK_REGISTRY_USER` and `PACK_REGISTRY_PASSWORD` (for the registry `PACK_REGISTRY` alone, if that is
    set); Docker's config.json, a helper before what is in the file; podman's files; `GITHUB_TOKEN` for GitHub's own.

    Args:
        environment: the process's environment.
        warn: told of a helper that is not installed.
    """

    def __init__(self, environment: Mapping[str, str], warn: Callable[[str], None]) -> None:
        self._environment = environment
        self._warn = warn

    def find(self, registry: str, repository: str) -> Found | None:
        """See `Keychain.find`. Raises `RegistryError` for a broken file or a helper that fails."""
        return next((found for find in self._places() if (found := find(registry, repository))), None)

    def _places(self) -> Iterator[Callable[[str, str], Found | None]]:
        yield self._stated
        for path in self._files():
            content = read_regular(path, limit=MAX_FILE_BYTES)
            if content is not None:
                yield _FilePlace(path, AuthFile.parse(content, str(path)), self._environment, self._warn).find
        yield self._of_github

    def _files(self) -> Iterator[Path]:
        yield docker_config_file(self._environment)
        if stated := self._environment.get("REGISTRY_AUTH_FILE"):
            yield Path(stated)
        if runtime := self._environment.get("XDG_RUNTIME_DIR"):
            yield Path(runtime) / "containers" / "auth.json"
        home = self._environment.get("HOME", "/")
        yield Path(self._environment.get("XDG_CONFIG_HOME") or f"{home}/.config") / "containers" / "auth.json"

    def _stated(self, registry: str, repository: str) -> Found | None:  # noqa: ARG002 - one of several places
        user, secret = (self._environment.get(f"PACK_REGISTRY_{name}") for name in ("USER", "PASSWORD"))
        only = self._environment.get("PACK_REGISTRY")
        if not user or not secret or (only and only != registry):
            return None
        return Found(Credential.of(user, secret), "PACK_REGISTRY_USER and PACK_REGISTRY_PASSWORD")

    def _of_github(self, registry: str, repository: str) -> Found | None:  # noqa: ARG002 - one of several places
        token = self._environment.get("GITHUB_TOKEN")
        if registry != _GITHUB or not token:
            return None
        user = self._environment.get("GITHUB_ACTOR") or "token"
        return Found(Credential(username=user, secret=token), "GITHUB_TOKEN")


class _FilePlace:
    def __init__(self, path: Path, file: AuthFile, environment: Mapping[str, str], warn: Callable[[str], None]) -> None:
        self._path = path
        self._file = file
        self._environment = environment
        self._warn = warn

    def find(self, registry: str, repository: str) -> Found | None:
        helper = CredentialHelper(name=self._file.helper(registry), environment=self._environment)
        if helper.name and helper.program is None:
            self._warn(f"{self._path} names the credential helper {helper.name}, which is not installed")
        elif helper.name and (kept := helper.get(auth_key(registry))):
            return Found(kept, f"the credential helper {helper.name}")
        credential = self._file.find(registry, repository)
        return Found(credential, str(self._path)) if credential else None
