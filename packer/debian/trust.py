"""Clearsigned metadata: what a trusted key really signed, or a `TrustError` that says why not.

One good signature by a trusted, valid key is enough. A wrong signature that names a trusted key refuses the file,
whatever else is good; signatures by unknown keys, of unknown kinds or with weak hashes count for nothing.
Only signed text is ever returned: anything before, behind or hidden by armor is refused.
Specification: RFC 9580, 7 (https://www.rfc-editor.org/rfc/rfc9580#name-cleartext-signature-framewo).
"""

from __future__ import annotations

import re
from datetime import datetime, timedelta, timezone

from msgspec import Struct

from packer.debian.keyring import Keyring, SigningKey
from packer.debian.openpgp import Signature, dearmored, holds, packets, parse_signature
from packer.errors import TrustError

__all__ = ["CLOCK_LEEWAY", "SignedText", "verify_clearsigned"]

CLOCK_LEEWAY = timedelta(days=1)
"""How far in the future a date may lie before the clock, or the file, is called wrong."""

_BEGIN = b"-----BEGIN PGP SIGNED MESSAGE-----"
_SIGNATURE_BEGIN = b"-----BEGIN PGP SIGNATURE-----"
_SIGNATURE_END = b"-----END PGP SIGNATURE-----"
_HASH_HEADER = re.compile(rb"Hash: *[A-Za-z0-9, -]+")
_TEXT_SIGNATURE = 0x01
_SIGNATURE_TAG = 2
_LIFETIME = 3
_UNDERSTOOD = frozenset({2, 3, 16, 20, 27, 28, 33, 35})
"""Subpackets that may be critical: creation, expiry, issuer, notation, flags, signer, fingerprint, recipient."""
_MOST_SIGNATURES = 32


class SignedText(Struct, frozen=True):
    """The text that was signed, as it was hashed (without trailing blanks), and who signed it."""

    text: str
    signers: tuple[str, ...]


def verify_clearsigned(message: bytes, keyring: Keyring, *, now: datetime, where: str) -> SignedText:
    """Check a clearsigned message. Raises `TrustError`.

    Args:
        message: the whole file.
        keyring: whose signatures count.
        now: the present, with a time zone.
        where: the file's address, for messages.
    """
    try:
        canonical, armor = _split(message)
        signatures = [_signature(body) for tag, body in packets(dearmored(armor)) if tag == _SIGNATURE_TAG]
    except TrustError as error:
        raise TrustError(
            f"{error.what}: the file is not as it was signed", where=where, hint=_ANOTHER_MIRROR
        ) from error
    if not signatures or len(signatures) > _MOST_SIGNATURES:
        raise TrustError(f"the file carries {len(signatures)} signatures", where=where, hint=_ANOTHER_MIRROR)
    good: list[str] = []
    reasons: list[str] = []
    for signature in signatures:
        if signature is None:
            continue
        key = keyring.of_issuer(signature.issuer)
        if key is None:
            reasons.append(f"the key {signature.issuer[-16:] or 'of a signature'} is not in the keyring")
            continue
        reason = _reason_against(signature, key, now)
        if reason is None and not holds(signature, key.key, canonical):
            raise TrustError(
                f"the signature by {key.label} does not fit the text: it was changed on its way",
                where=where,
                hint=_ANOTHER_MIRROR,
            )
        if reason is None:
            good.append(key.label)
        else:
            reasons.append(reason)
    if not good:
        raise TrustError(
            f"no trusted signature: {'; '.join(dict.fromkeys(reasons)) or 'none is of a known kind'}",
            where=where,
            hint="check this machine's clock; upgrade pack for newer Debian keys; or use another mirror",
        )
    return SignedText(canonical.replace(b"\r\n", b"\n").decode("utf-8", "replace"), tuple(good))


_ANOTHER_MIRROR = "try again later or use another mirror; if it persists, somebody may be tampering with the connection"


def _split(message: bytes) -> tuple[bytes, bytes]:
    """The text as it is hashed, and the armored signatures."""
    lines = message.replace(b"\r\n", b"\n").split(b"\n")
    if lines[0] != _BEGIN:
        raise TrustError("the file is not signed")
    headers_end = lines.index(b"") if b"" in lines else 0
    if not all(_HASH_HEADER.fullmatch(line) for line in lines[1:headers_end]):
        raise TrustError("the signed message has an unknown header")
    try:
        begin = lines.index(_SIGNATURE_BEGIN)
        end = lines.index(_SIGNATURE_END, begin)
    except ValueError:
        raise TrustError("the file ends before its signature does") from None
    if any(line.strip() for line in lines[end + 1 :]):
        raise TrustError("text stands behind the signature")
    text = b"\r\n".join(_unescaped(line).rstrip(b" \t\r") for line in lines[headers_end + 1 : begin])
    return text, b"\n".join(lines[begin : end + 1])


def _unescaped(line: bytes) -> bytes:
    if line.startswith(b"- "):
        return line[2:]
    if line.startswith(b"-"):
        raise TrustError("a signed line begins with an unescaped dash")
    return line


def _signature(body: bytes) -> Signature | None:
    signature = parse_signature(body)
    return signature if signature is not None and signature.kind == _TEXT_SIGNATURE else None


def _reason_against(signature: Signature, key: SigningKey, now: datetime) -> str | None:
    """Why a signature cannot count, its numbers aside."""
    created, present = signature.created, int(now.timestamp())
    lifetime = int.from_bytes(signature.hashed.get(_LIFETIME, b""), "big")
    reasons = (
        (signature.hash_name is None, "signed with a hash that is too weak or unknown"),
        (bool(signature.critical - _UNDERSTOOD), "signed under conditions that pack does not understand"),
        (key.revoked, "is revoked"),
        (key.expires is not None and key.expires <= present, f"expired on {_day(key.expires or 0)}"),
        (created < key.key.created, "signed before it was made"),
        (created > present + CLOCK_LEEWAY.total_seconds(), f"signed in the future, on {_day(created)}"),
        (0 < lifetime <= present - created, f"signed for a time that ended on {_day(created + lifetime)}"),
    )
    return next((f"the key {key.label} {reason}" for applies, reason in reasons if applies), None)


def _day(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, timezone.utc).date().isoformat()
