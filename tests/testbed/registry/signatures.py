"""Tokens that say themselves what they are good for: JSON Web Tokens, signed by the `openssl` command with RS256.

The certificate travels in the token's `x5c` field; a registry trusts it because of the authority that signed it.
"""

from __future__ import annotations

import base64
import json
import ssl
import subprocess
from dataclasses import dataclass
from typing import Any

from .certificates import Identity
from .tokens import Grant

__all__ = ["TokenSigner"]


@dataclass(frozen=True, slots=True)
class TokenSigner:
    """Makes the text of tokens, for `TokenService(mint=…)`. The identity's key is an RSA key."""

    identity: Identity
    issuer: str = "testbed"

    def __call__(self, grant: Grant) -> str:
        """A token in the form of https://distribution.github.io/distribution/spec/auth/jwt/."""
        certificate = ssl.PEM_cert_to_DER_cert(self.identity.certificate.read_text())
        header = {"typ": "JWT", "alg": "RS256", "x5c": [base64.b64encode(certificate).decode()]}
        signed = f"{_packed(header)}.{_packed(self._claims(grant))}"
        command = ["openssl", "dgst", "-sha256", "-sign", str(self.identity.key)]
        signature = subprocess.run(command, input=signed.encode(), check=True, capture_output=True).stdout
        return f"{signed}.{_in_base64(signature)}"

    def _claims(self, grant: Grant) -> dict[str, Any]:
        access = [
            {"type": "repository", "name": scope.repository, "actions": sorted(scope.actions)} for scope in grant.scopes
        ]
        return {
            "iss": self.issuer,
            "sub": grant.subject,
            "aud": grant.service,
            "exp": int(grant.expires),
            "nbf": int(grant.issued) - 10,
            "iat": int(grant.issued),
            "jti": f"{grant.issued}",
            "access": access,
        }


def _packed(document: dict[str, Any]) -> str:
    return _in_base64(json.dumps(document, separators=(",", ":")).encode())


def _in_base64(content: bytes) -> str:
    return base64.urlsafe_b64encode(content).rstrip(b"=").decode()
