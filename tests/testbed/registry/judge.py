"""A registry that nobody here wrote: Debian's `docker-registry` (distribution 2.8), as a process on loopback."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from .access import Account
from .certificates import Identity

__all__ = ["Judge", "JudgeError", "TokenTrust", "running_judge"]

_PACKAGES = {"docker-registry": "docker-registry", "htpasswd": "apache2-utils"}
_START_SECONDS = 20
_STOP_SECONDS = 10
_POLL_SECONDS = 0.02
_LISTENING = re.compile(r"listening on (127\.0\.0\.1:\d+)")


class JudgeError(Exception):
    """It does not run here; the text says why."""


@dataclass(frozen=True, slots=True, kw_only=True)
class TokenTrust:
    """Whose tokens it takes."""

    realm: str
    service: str
    issuer: str
    certificates: Path


@dataclass(frozen=True, slots=True, kw_only=True)
class Judge:
    """A running one. Blobs and manifests can be deleted."""

    address: str
    url: str
    log: Path


@contextmanager
def running_judge(
    folder: Path, *, tls: Identity | None = None, accounts: tuple[Account, ...] = (), trust: TokenTrust | None = None
) -> Iterator[Judge]:
    """Run it until the block ends, with everything it keeps in a new folder. Raises `JudgeError` when it cannot run."""
    program = _program("docker-registry")
    folder.mkdir()
    configuration = folder / "config.yml"
    configuration.write_text(json.dumps(_configuration(folder, tls, accounts, trust)))  # JSON is YAML
    log = folder / "log"
    with log.open("wb") as output:
        process = subprocess.Popen(
            [program, "serve", str(configuration)],
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=subprocess.STDOUT,
            env={},  # variables named REGISTRY_… would change the configuration
        )
    try:
        address = _address(process, log)
        yield Judge(address=address, url=f"{'https' if tls else 'http'}://{address}", log=log)
    finally:
        _end(process)


def _configuration(
    folder: Path, tls: Identity | None, accounts: tuple[Account, ...], trust: TokenTrust | None
) -> Mapping[str, Any]:
    http: dict[str, Any] = {"addr": "127.0.0.1:0"}
    if tls:
        http["tls"] = {"certificate": str(tls.certificate), "key": str(tls.key)}
    configuration: dict[str, Any] = {
        "version": 0.1,
        "log": {"accesslog": {"disabled": False}, "level": "info", "formatter": "text"},
        "storage": {"filesystem": {"rootdirectory": str(folder / "data")}, "delete": {"enabled": True}},
        "http": http,
    }
    if accounts:
        configuration["auth"] = {"htpasswd": {"realm": "judge", "path": str(_passwords(folder, accounts))}}
    if trust:
        terms = {"realm": trust.realm, "service": trust.service, "issuer": trust.issuer}
        configuration["auth"] = {"token": {**terms, "rootcertbundle": str(trust.certificates)}}
    return configuration


def _passwords(folder: Path, accounts: tuple[Account, ...]) -> Path:
    """A file of passwords hashed by bcrypt, at its lowest cost."""
    path = folder / "passwords"
    lines = []
    for account in accounts:
        command = [_program("htpasswd"), "-niB", "-C", "4", account.name]
        lines.append(subprocess.run(command, input=account.password.encode(), check=True, capture_output=True).stdout)
    path.write_bytes(b"".join(line.strip() + b"\n" for line in lines))
    return path


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    deadline = time.monotonic() + _START_SECONDS
    while True:
        words = log.read_text(encoding="utf-8", errors="replace")
        if found := _LISTENING.search(words):
            return found[1]
        if process.poll() is not None or time.monotonic() > deadline:
            raise JudgeError(f"docker-registry did not start: {' / '.join(words.strip().splitlines()[-3:])}")
        time.sleep(_POLL_SECONDS)


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(_STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


def _program(name: str) -> str:
    found = shutil.which(name)
    if not found:
        raise JudgeError(f"{_PACKAGES[name]} is not installed: `python3 tests/run.py` installs it")
    return found
