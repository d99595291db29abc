"""OpenPGP packets: version 4 public keys and signatures, and the check of one signature.

Specification: RFC 9580 (https://www.rfc-editor.org/rfc/rfc9580). Only what signed Debian metadata uses is understood:
RSA (PKCS#1 v1.5) and Ed25519 keys, SHA-256/384/512. Which keys are trusted is decided elsewhere.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
from collections.abc import Iterator, Mapping
from types import MappingProxyType

from msgspec import Struct

from packer.debian import ed25519
from packer.errors import TrustError

__all__ = ["PublicKey", "Signature", "dearmored", "holds", "packets", "parse_public_key", "parse_signature"]

HASHES = MappingProxyType({8: "sha256", 9: "sha384", 10: "sha512"})
"""Hash algorithms that are still good for signatures, by number (RFC 9580, 9.5)."""
_RSA = frozenset({1, 3})
_EDDSA_LEGACY, _ED25519 = 22, 27
_ED25519_OID = bytes.fromhex("092b06010401da470f01")
_DIGEST_INFO = MappingProxyType(
    {
        "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
        "sha384": bytes.fromhex("3041300d060960864801650304020205000430"),
        "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
    }
)
"""The DER prefixes of RFC 8017, 9.2, note 1."""
_SMALLEST_RSA = 2048


class PublicKey(Struct, frozen=True, kw_only=True):
    """A key. `fingerprint` is 40 upper-case hexadecimal digits, `created` seconds since the epoch.

    `body` is the packet's body, which signatures over the key cover. A key of an algorithm that is not understood
    has neither `rsa` (modulus, exponent) nor `ed25519` (32 bytes), and no signature by it can be checked.
    """

    fingerprint: str
    created: int
    body: bytes
    rsa: tuple[int, int] | None = None
    ed25519: bytes | None = None

    @property
    def framed(self) -> bytes:
        """The key as signatures hash it."""
        return b"\x99" + len(self.body).to_bytes(2, "big") + self.body


class Signature(Struct, frozen=True, kw_only=True):
    """A signature packet.

    Attributes:
        kind: 0x01 text, 0x10-0x13 certification, 0x18 subkey binding, 0x19 back signature, 0x1f direct, 0x20/0x28/0x30
            revocations.
        algorithm: public-key algorithm number.
        hash_name: hashlib's name, None for a hash that is weak or unknown.
        hashed: subpackets that the signature covers, by number; the last of equal ones.
        unhashed: subpackets that anybody may have changed.
        trailer: what is hashed behind the signed data.
        left: the first two bytes of the digest.
        numbers: the algorithm's integers, or Ed25519's 64 bytes.
        critical: numbers of hashed subpackets that must be understood.
    """

    kind: int
    algorithm: int
    hash_name: str | None
    hashed: Mapping[int, bytes]
    unhashed: Mapping[int, bytes]
    trailer: bytes
    left: bytes
    numbers: tuple[bytes, ...]
    critical: frozenset[int]

    @property
    def created(self) -> int:
        """Seconds since the epoch; 0 when the signature does not say it."""
        return int.from_bytes(self.hashed.get(2, b""), "big")

    @property
    def issuer(self) -> str:
        """What it says of its maker: a fingerprint or a key id (the end of one); empty when it says nothing."""
        for area in (self.hashed, self.unhashed):
            if area.get(33, b"")[:1] == b"\x04":
                return area[33][1:].hex().upper()
        return (self.hashed.get(16) or self.unhashed.get(16) or b"").hex().upper()


def dearmored(text: bytes) -> bytes:
    """The binary form of one ASCII-armored block, without its checksum (RFC 9580, 6.1, lets readers ignore it)."""
    lines = text.replace(b"\r\n", b"\n").strip().split(b"\n")
    if not (lines[0].startswith(b"-----BEGIN PGP ") and lines[-1].startswith(b"-----END PGP ")):
        raise TrustError("an OpenPGP block has no clear beginning and end")
    body = lines[1:-1]
    while body and b":" in body[0]:
        del body[0]
    encoded = b"".join(line.strip() for line in body if not line.startswith(b"="))
    try:
        return base64.b64decode(encoded, validate=True)
    except binascii.Error as cause:
        raise TrustError("an OpenPGP block is damaged") from cause


def packets(stream: bytes) -> Iterator[tuple[int, bytes]]:
    """Tags and bodies. Raises `TrustError` for a truncated or damaged stream."""
    position = 0
    while position < len(stream):
        tag, position, length = _packet_header(stream, position)
        body = stream[position : position + length]
        if len(body) != length:
            raise TrustError("an OpenPGP packet is cut short")
        position += length
        yield tag, body


def parse_public_key(body: bytes) -> PublicKey | None:
    """A key or subkey packet's body; None for versions other than 4."""
    if len(body) < 6 or body[0] != 4:
        return None
    fingerprint = hashlib.sha1(b"\x99" + len(body).to_bytes(2, "big") + body).hexdigest().upper()  # noqa: S324 (RFC 9580, 5.5.4.2)
    algorithm, material = body[5], body[6:]
    rsa, point = None, None
    if algorithm in _RSA:
        modulus, exponent = _integers(material, 2)
        rsa = (int.from_bytes(modulus, "big"), int.from_bytes(exponent, "big"))
    elif algorithm == _EDDSA_LEGACY and material.startswith(_ED25519_OID):
        (prefixed,) = _integers(material[len(_ED25519_OID) :], 1)
        point = prefixed[1:] if len(prefixed) == 33 and prefixed[0] == 0x40 else None
    elif algorithm == _ED25519 and len(material) == 32:
        point = material
    created = int.from_bytes(body[1:5], "big")
    return PublicKey(fingerprint=fingerprint, created=created, body=body, rsa=rsa, ed25519=point)


def parse_signature(body: bytes) -> Signature | None:
    """A signature packet's body; None for versions other than 4. Raises `TrustError` when it is damaged."""
    if not body or body[0] != 4:
        return None
    reader = _Reader(body)
    _, kind, algorithm, hash_number = reader.take(4)
    hashed, critical = _subpackets(reader.take(int.from_bytes(reader.take(2), "big")))
    covered = body[: reader.position]
    unhashed, _ = _subpackets(reader.take(int.from_bytes(reader.take(2), "big")))
    left = reader.take(2)
    rest = body[reader.position :]
    return Signature(
        kind=kind,
        algorithm=algorithm,
        hash_name=HASHES.get(hash_number),
        hashed=MappingProxyType(hashed),
        unhashed=MappingProxyType(unhashed),
        trailer=covered + b"\x04\xff" + len(covered).to_bytes(4, "big"),
        left=left,
        numbers=(rest,) if algorithm == _ED25519 else _integers(rest, 1 if algorithm in _RSA else 2),
        critical=critical,
    )


def holds(signature: Signature, key: PublicKey, *parts: bytes) -> bool:
    """Whether `key` made `signature` over the concatenated `parts`; False also for what is not understood or weak."""
    if signature.hash_name is None:
        return False
    hasher = hashlib.new(signature.hash_name)
    for part in (*parts, signature.trailer):
        hasher.update(part)
    digest = hasher.digest()
    if digest[:2] != signature.left:
        return False
    if key.rsa and signature.algorithm in _RSA:
        return _rsa_holds(key.rsa, signature.numbers[0], digest, signature.hash_name)
    if key.ed25519 and signature.algorithm in (_EDDSA_LEGACY, _ED25519):
        return ed25519.verify(key.ed25519, digest, b"".join(number.rjust(32, b"\0") for number in signature.numbers))
    return False


def _rsa_holds(key: tuple[int, int], value: bytes, digest: bytes, hash_name: str) -> bool:
    """RSASSA-PKCS1-v1_5 (RFC 8017, 8.2.2): the expected block is made and compared whole, never parsed."""
    modulus, exponent = key
    number = int.from_bytes(value, "big")
    if modulus.bit_length() < _SMALLEST_RSA or number >= modulus or exponent < 3:
        return False
    size = (modulus.bit_length() + 7) // 8
    ending = b"\x00" + _DIGEST_INFO[hash_name] + digest
    expected = b"\x00\x01" + b"\xff" * (size - 2 - len(ending)) + ending
    return hmac.compare_digest(pow(number, exponent, modulus).to_bytes(size, "big"), expected)


class _Reader:
    """Takes bytes in order; raises `TrustError` when they run out."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.position = 0

    def take(self, count: int) -> bytes:
        piece = self._content[self.position : self.position + count]
        if len(piece) != count:
            raise TrustError("an OpenPGP packet is cut short")
        self.position += count
        return piece

    @property
    def left(self) -> int:
        return len(self._content) - self.position


def _packet_header(stream: bytes, position: int) -> tuple[int, int, int]:
    """Tag, where the body begins, and its length (RFC 9580, 4.2)."""
    reader = _Reader(stream)
    reader.position = position
    first = reader.take(1)[0]
    if not first & 0x80:
        raise TrustError("this is not OpenPGP data")
    if first & 0x40:
        return first & 0x3F, *_new_length(reader)
    size = {0: 1, 1: 2, 2: 4}.get(first & 3)
    if size is None:
        raise TrustError("an OpenPGP packet has no length")
    length = int.from_bytes(reader.take(size), "big")
    return (first >> 2) & 0x0F, reader.position, length


def _new_length(reader: _Reader) -> tuple[int, int]:
    first = reader.take(1)[0]
    if first < 192:
        length = first
    elif first < 224:
        length = ((first - 192) << 8) + reader.take(1)[0] + 192
    elif first == 255:
        length = int.from_bytes(reader.take(4), "big")
    else:
        raise TrustError("an OpenPGP packet has a partial length")
    return reader.position, length


def _subpackets(area: bytes) -> tuple[dict[int, bytes], frozenset[int]]:
    found: dict[int, bytes] = {}
    critical: set[int] = set()
    reader = _Reader(area)
    while reader.left:
        first = reader.take(1)[0]
        if first < 192:
            length = first
        elif first < 255:
            length = ((first - 192) << 8) + reader.take(1)[0] + 192
        else:
            length = int.from_bytes(reader.take(4), "big")
        body = reader.take(length)
        if not body:
            raise TrustError("an OpenPGP subpacket is empty")
        number = body[0] & 0x7F
        found[number] = body[1:]
        if body[0] & 0x80:
            critical.add(number)
    return found, frozenset(critical)


def _integers(material: bytes, count: int) -> tuple[bytes, ...]:
    """Multiprecision integers (RFC 9580, 3.2)."""
    reader = _Reader(material)
    return tuple(reader.take((int.from_bytes(reader.take(2), "big") + 7) // 8) for _ in range(count))
