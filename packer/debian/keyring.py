"""The keys whose signatures are believed: Debian's archive keys, which ship with pack, or a user's own.

A key counts with what its owner's own signatures say: how long it is valid, which subkeys sign for it, whether it is
revoked. A revocation by a third party (a *designated revoker*) is not looked for; such keys leave with a new pack.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

from msgspec import Struct

from packer.debian.openpgp import (
    PublicKey,
    Signature,
    dearmored,
    holds,
    packets,
    parse_public_key,
    parse_signature,
)
from packer.errors import TrustError

__all__ = ["Keyring", "SigningKey", "debian_keyring", "parse_keyring"]

PINNED = MappingProxyType(
    {
        "bookworm-automatic": "e0cf8462597c72f1a02cd3acb6db2e4b50a88d0e909baf67e12032d5b008704d",
        "bookworm-security-automatic": "15f088d9597e68a73024ef6997b228a1764067c33f027edbb93520c5143fe34c",
        "bookworm-stable": "1891e84fa2e1ff6db0acfbc0e398824379b415534dd0154ecb1d21e70fe2ac62",
        "trixie-automatic": "941dec6b9cf89ca152bd76c0bf73746891fded31bb7e7f382157df79410f2940",
        "trixie-security-automatic": "f35ebfb60fed9a08ba3b15c16c745f44608b6c4552eba7f5946c2ba4a52ad813",
        "trixie-stable": "ed1dabb11dae8dadefeded6137a5f703a3559214e5fbe8d20044c1f0e08332d1",
    }
)
"""SHA-256 of the shipped `debian-archive-<name>.pgp`; keys/README.md says where they come from and when they expire."""

_PUBLIC_KEY, _SUBKEY, _SIGNATURE, _USER_ID = 6, 14, 2, 13
_CERTIFICATIONS = frozenset({0x10, 0x11, 0x12, 0x13})
_BINDING, _BACK_SIGNATURE, _DIRECT = 0x18, 0x19, 0x1F
_KEY_REVOCATION, _SUBKEY_REVOCATION = 0x20, 0x28
_KEY_EXPIRY, _KEY_FLAGS, _EMBEDDED = 9, 27, 32
_MAY_SIGN = 0x02


class SigningKey(Struct, frozen=True, kw_only=True):
    """A key that may sign, and for whom.

    Attributes:
        key: the public key: a primary key or a subkey.
        owner: its certificate's user id, for messages.
        expires: seconds since the epoch, None for never; the primary key's limit holds for subkeys too.
        revoked: whether its owner took it back.
    """

    key: PublicKey
    owner: str
    expires: int | None
    revoked: bool

    @property
    def label(self) -> str:
        """The key id and its owner."""
        return f"{self.key.fingerprint[-16:]} ({self.owner})"


class Keyring(Struct, frozen=True):
    """Signing keys."""

    keys: tuple[SigningKey, ...]

    def of_issuer(self, issuer: str) -> SigningKey | None:
        """The key that a signature's issuer (a fingerprint or 16-digit key id) names."""
        if len(issuer) < 16:
            return None
        return next((key for key in self.keys if key.key.fingerprint.endswith(issuer)), None)


@lru_cache(maxsize=1)
def debian_keyring() -> Keyring:
    """The shipped keys. Raises `TrustError` when they are not the ones that this code was written with."""
    folder = resources.files("packer.debian") / "keys"
    keys: list[SigningKey] = []
    for name, digest in PINNED.items():
        content = (folder / f"debian-archive-{name}.pgp").read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise TrustError(
                "a Debian archive key that ships with pack was changed",
                where=f"debian-archive-{name}.pgp",
                hint="reinstall pack",
            )
        keys.extend(parse_keyring(content).keys)
    return Keyring(tuple(keys))


def parse_keyring(content: bytes) -> Keyring:
    """Read certificates, binary or ASCII-armored. Raises `TrustError` when there is none that can sign."""
    if content.lstrip().startswith(b"-----BEGIN"):
        content = dearmored(content)
    certificates: list[list[tuple[int, bytes]]] = []
    for tag, body in packets(content):
        if tag == _PUBLIC_KEY:
            certificates.append([])
        if certificates:
            certificates[-1].append((tag, body))
    keys = [key for certificate in certificates for key in _signing_keys(certificate)]
    if not keys:
        raise TrustError("the keyring has no key that can be used", hint="export it with `gpg --export KEY`")
    return Keyring(tuple(keys))


class _Component(Struct):
    """A key, user id or subkey of a certificate, and the signatures behind it."""

    tag: int
    body: bytes
    signatures: list[Signature]


def _signing_keys(certificate: list[tuple[int, bytes]]) -> Iterable[SigningKey]:
    components = _components(certificate)
    primary = parse_public_key(components[0].body)
    if primary is None:
        return
    own = [signature for signature, _ in _own_signatures(primary, components)]
    certifications = [signature for signature in own if signature.kind in (*_CERTIFICATIONS, _DIRECT)]
    if not any(signature.kind in _CERTIFICATIONS for signature in certifications):
        return
    owner = next((part.body.decode("utf-8", "replace") for part in components if part.tag == _USER_ID), "no user id")
    revoked = any(signature.kind == _KEY_REVOCATION for signature in own)
    expires = _expiry(primary, certifications)
    if _may_sign(certifications, otherwise=True):
        yield SigningKey(key=primary, owner=owner, expires=expires, revoked=revoked)
    for component in components:
        subkey = parse_public_key(component.body) if component.tag == _SUBKEY else None
        if subkey is None:
            continue
        bindings = [found for found, part in _own_signatures(primary, [component]) if found.kind == _BINDING]
        signing = [binding for binding in bindings if _signs_back(binding, primary, subkey)]
        if signing and _may_sign(signing, otherwise=False):
            withdrawn = any(found.kind == _SUBKEY_REVOCATION for found, _ in _own_signatures(primary, [component]))
            limits = [limit for limit in (expires, _expiry(subkey, signing)) if limit is not None]
            yield SigningKey(key=subkey, owner=owner, expires=min(limits, default=None), revoked=revoked or withdrawn)


def _components(certificate: list[tuple[int, bytes]]) -> list[_Component]:
    components: list[_Component] = []
    for tag, body in certificate:
        if tag != _SIGNATURE:
            components.append(_Component(tag, body, []))
            continue
        signature = parse_signature(body)
        if signature is not None:
            components[-1].signatures.append(signature)
    return components


def _own_signatures(primary: PublicKey, components: list[_Component]) -> Iterable[tuple[Signature, _Component]]:
    """The signatures that the primary key really made over a component of its certificate."""
    for component in components:
        if component.tag == _USER_ID:
            signed = b"\xb4" + len(component.body).to_bytes(4, "big") + component.body
        elif component.tag == _SUBKEY:
            signed = b"\x99" + len(component.body).to_bytes(2, "big") + component.body
        elif component.tag == _PUBLIC_KEY:
            signed = b""
        else:
            continue
        for signature in component.signatures:
            if primary.fingerprint.endswith(signature.issuer) and holds(signature, primary, primary.framed, signed):
                yield signature, component


def _signs_back(binding: Signature, primary: PublicKey, subkey: PublicKey) -> bool:
    """Whether the subkey agrees to sign for the primary key (RFC 9580, 5.2.3.34)."""
    embedded = binding.hashed.get(_EMBEDDED) or binding.unhashed.get(_EMBEDDED)
    back = parse_signature(embedded) if embedded else None
    return back is not None and back.kind == _BACK_SIGNATURE and holds(back, subkey, primary.framed, subkey.framed)


def _newest(signatures: list[Signature]) -> Signature:
    return max(signatures, key=lambda signature: signature.created)


def _expiry(key: PublicKey, signatures: list[Signature]) -> int | None:
    stating = [signature for signature in signatures if signature.kind != _DIRECT or _KEY_EXPIRY in signature.hashed]
    seconds = int.from_bytes(_newest(stating).hashed.get(_KEY_EXPIRY, b""), "big") if stating else 0
    return key.created + seconds if seconds else None


def _may_sign(signatures: list[Signature], *, otherwise: bool) -> bool:
    stating = [signature for signature in signatures if signature.hashed.get(_KEY_FLAGS)]
    return bool(_newest(stating).hashed[_KEY_FLAGS][0] & _MAY_SIGN) if stating else otherwise
