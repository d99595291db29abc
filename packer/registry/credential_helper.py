"""Credential helpers: programs that keep credentials in a safe place.

Protocol: https://github.com/docker/docker-credential-helpers
"""

from __future__ import annotations

import json
import shutil
from collections.abc import Mapping

from msgspec import Struct

from packer.errors import RegistryError
from packer.regex import regex
from packer.registry.credentials import Credential
from packer.system.process import Finished, run

__all__ = ["CredentialHelper"]

_NAME = regex(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")
_NOT_FOUND = "credentials not found"


class CredentialHelper(Struct, frozen=True, kw_only=True):
    """A helper by its name: `ecr-login` is the program `docker-credential-ecr-login`. It has `seconds` to answer."""

    name: str
    environment: Mapping[str, str]
    seconds: float = 30

    @property
    def program(self) -> str | None:
        """Its path; None when it is not installed, or has a name that no helper has."""
        if not _NAME.fullmatch(self.name):
            return None
        return shutil.which(f"docker-credential-{self.name}", path=self.environment.get("PATH"))

    def get(self, key: str) -> Credential | None:
        """The credential that it keeps; None when it has none. Raises `RegistryError` when it fails."""
        done = self._run("get", key.encode())
        if done.status != 0:
            if _lacks(done):
                return None
            raise self._failure(done, "get")
        try:
            fields = json.loads(done.stdout)
            username, secret = str(fields["Username"]), str(fields["Secret"])
        except (ValueError, TypeError, KeyError, RecursionError):
            what = f"the credential helper {self.name} gives an answer that cannot be read"
            raise RegistryError(what, where=self.program, hint=self._advice(key)) from None
        return Credential.of(username, secret) if secret else None

    def store(self, key: str, credential: Credential) -> None:
        """Have it keep a credential. Raises `RegistryError` when it does not."""
        fields = {"ServerURL": key, "Username": credential.username, "Secret": credential.secret}
        done = self._run("store", json.dumps(fields).encode(), secrets=(credential.secret,))
        if done.status != 0:
            raise self._failure(done, "store")

    def erase(self, key: str) -> None:
        """Have it forget a credential. Raises `RegistryError` when it does not."""
        done = self._run("erase", key.encode())
        if done.status != 0 and not _lacks(done):
            raise self._failure(done, "erase")

    def _run(self, verb: str, stdin: bytes, secrets: tuple[str, ...] = ()) -> Finished:
        program = self.program
        if program is None:
            hint = "install it, or take it out of Docker's config.json"
            raise RegistryError(f"the credential helper docker-credential-{self.name} is not there", hint=hint)
        return run(
            [program, verb],
            env=self.environment,
            stdin=stdin,
            timeout=self.seconds,
            limit=1 << 20,
            secrets=secrets,
            error=RegistryError,
        )

    def _failure(self, done: Finished, verb: str) -> RegistryError:
        said = (done.stderr.strip() or _complaint(done.stdout)).splitlines()
        reason = said[-1][:300] if said else f"exit status {done.status}"
        what = f"the credential helper {self.name} fails to {verb}: {reason}"
        return RegistryError(what, where=self.program, hint=self._advice("REGISTRY"))

    def _advice(self, key: str) -> str:
        program = f"docker-credential-{self.name}"
        return f"see what it says: echo {key} | {program} get; or take it out of Docker's config.json"


def _lacks(done: Finished) -> bool:
    """Whether it says that it has no such credential."""
    return _NOT_FOUND in done.stdout.decode(errors="replace").lower() + done.stderr.lower()


def _complaint(stdout: bytes) -> str:
    """What it says is wrong: helpers write that to standard output, where a document may hold secrets."""
    text = stdout.decode(errors="replace").strip()
    return "" if "{" in text else text
