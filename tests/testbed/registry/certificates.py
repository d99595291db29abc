"""Certificates of an authority of the test's own, made with the `openssl` command."""

from __future__ import annotations

import shutil
import ssl
import subprocess
from dataclasses import dataclass
from pathlib import Path

__all__ = ["Authority", "Identity"]

_CONFIGURATION = """\
[req]
distinguished_name = name
prompt = no
[name]
CN = {name}
[authority]
basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash
[server]
basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature, keyEncipherment
extendedKeyUsage = serverAuth, clientAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = IP:127.0.0.1, DNS:localhost
"""


@dataclass(frozen=True, slots=True)
class Identity:
    """A certificate and its key, in files."""

    certificate: Path
    key: Path

    def server_side(self) -> ssl.SSLContext:
        """What a server encrypts with."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, self.key)
        return context


@dataclass(frozen=True, slots=True)
class Authority:
    """An authority that nobody trusts unless told to."""

    folder: Path

    @classmethod
    def create(cls, folder: Path) -> Authority:
        """A new one, in a folder that is made."""
        folder.mkdir()
        authority = cls(folder)
        authority._request("ca", "authority")
        authority.trust.mkdir()
        shutil.copy(authority.folder / "ca.crt", authority.certificate)
        return authority

    @property
    def certificate(self) -> Path:
        """What clients must trust."""
        return self.trust / "ca.crt"

    @property
    def trust(self) -> Path:
        """A folder with that certificate and nothing else, as clients want in `certs.d` for each registry."""
        return self.folder / "trust"

    def identity(self, name: str = "server", *, rsa: bool = False) -> Identity:
        """A new identity for 127.0.0.1 and localhost."""
        signed = ["-CA", "ca.crt", "-CAkey", "ca.key"]
        return self._request(name, "server", *signed, kind="rsa:2048" if rsa else "ec")

    def _request(self, name: str, extensions: str, *more: str, kind: str = "ec") -> Identity:
        (self.folder / f"{name}.conf").write_text(_CONFIGURATION.format(name=f"testbed {name}"))
        curve = ["-pkeyopt", "ec_paramgen_curve:prime256v1"] if kind == "ec" else []
        command = [
            *("openssl", "req", "-x509", "-newkey", kind, *curve, "-nodes", "-sha256", "-days", "2"),
            *("-config", f"{name}.conf", "-extensions", extensions, *more),
            *("-keyout", f"{name}.key", "-out", f"{name}.crt"),
        ]
        subprocess.run(command, cwd=self.folder, check=True, capture_output=True)
        return Identity(self.folder / f"{name}.crt", self.folder / f"{name}.key")
