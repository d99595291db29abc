"""A small OpenPGP signer: makes keys and clearsigned messages for tests. RSA and version 4 packets only."""

from __future__ import annotations

import base64
import hashlib
from dataclasses import dataclass

PRIMES = (
    int(
        "ff170f4b8a7a07dd4c2c3895793f0de4a6714c9ec987eb1708c1865228efbe04398a6fa3b77c80071ee8e8ff23143968b042"
        "977257c4f76a61c25a76653a27388c19be580d79d218eb65943742bb56e3b220dae9552b89c35b5afff3ded7b6d65e85d570"
        "f410b0af82bd5f0b503fa4b95013d5e0d84156097f090f2f5347a1b3",
        16,
    ),
    int(
        "e150e3ea7efb70069b3796e752ec70d09b48b4d248a47ee13a15b3b8ec719f42b72320cc691cb1c28cefab5d84765287a7c5"
        "3264df8252113d898f58783d6fedc0d222d143da0f3988e04b866da440542e898fd7825e5d3502ee655f2ada9cdff2a7fe7a"
        "e3c2017ac586079c03625317773d3cf3ffa1f85f66bee4036e4b1c09",
        16,
    ),
    int(
        "ff74d5cb4acfd85cbe0bee323310f9d40e52cfb947d84c94fa3478738387e72a670531e57f9ea6928b561b7b5c40d4176973"
        "74b3e1460365f9998a0fad216d4865573c6b5454036238ccaba698ce5cd39b569cf2cd59eed2b530789ffe1be132cbd8c975"
        "1b3036f51fdd1b74e368d770f6cb7a47b2201d838e602ef31a77b6a1",
        16,
    ),
)
"""Made for these tests; they guard nothing."""
YEAR = 365 * 24 * 3600
BIRTH = 1_700_000_000
"""When the test keys were made (2023-11-14)."""

_PREFIXES = {
    "sha256": bytes.fromhex("3031300d060960864801650304020105000420"),
    "sha512": bytes.fromhex("3051300d060960864801650304020305000440"),
    "sha1": bytes.fromhex("3021300906052b0e03021a05000414"),
}
_HASH_NUMBERS = {"sha1": 2, "sha256": 8, "sha512": 10}


def packet(tag: int, body: bytes) -> bytes:
    return bytes([0xC0 | tag, 0xFF]) + len(body).to_bytes(4, "big") + body


def integer(number: int) -> bytes:
    return number.bit_length().to_bytes(2, "big") + number.to_bytes((number.bit_length() + 7) // 8, "big")


def subpacket(number: int, body: bytes, *, critical: bool = False) -> bytes:
    return b"\xff" + (len(body) + 1).to_bytes(4, "big") + bytes([number | (0x80 if critical else 0)]) + body


@dataclass(frozen=True)
class Key:
    """An RSA key with its secret half."""

    p: int
    q: int
    created: int = BIRTH

    @property
    def modulus(self) -> int:
        return self.p * self.q

    @property
    def body(self) -> bytes:
        return b"\x04" + self.created.to_bytes(4, "big") + b"\x01" + integer(self.modulus) + integer(65537)

    @property
    def framed(self) -> bytes:
        return b"\x99" + len(self.body).to_bytes(2, "big") + self.body

    @property
    def fingerprint(self) -> bytes:
        return hashlib.sha1(self.framed).digest()

    def sign(self, signed: bytes, *, kind: int, extra: bytes = b"", created: int = BIRTH, hash_name: str = "sha256"):
        """The body of a signature packet."""
        hashed = subpacket(33, b"\x04" + self.fingerprint) + subpacket(2, created.to_bytes(4, "big")) + extra
        covered = bytes([4, kind, 1, _HASH_NUMBERS[hash_name]]) + len(hashed).to_bytes(2, "big") + hashed
        trailer = covered + b"\x04\xff" + len(covered).to_bytes(4, "big")
        digest = hashlib.new(hash_name, signed + trailer).digest()
        size = (self.modulus.bit_length() + 7) // 8
        ending = b"\0" + _PREFIXES[hash_name] + digest
        block = b"\0\x01" + b"\xff" * (size - 2 - len(ending)) + ending
        secret = pow(65537, -1, (self.p - 1) * (self.q - 1))
        value = pow(int.from_bytes(block, "big"), secret, self.modulus)
        return covered + b"\0\0" + digest[:2] + integer(value)


ALICE = Key(PRIMES[0], PRIMES[1])
MALLORY = Key(PRIMES[0], PRIMES[2])
SUBKEY = Key(PRIMES[1], PRIMES[2])


def certificate(
    key: Key = ALICE, *, lifetime: int = 0, revoked: bool = False, subkey: Key | None = None, back_signed: bool = True
) -> bytes:
    """A binary public key: primary key, user id, self-signature, and a signing subkey when one is given."""
    user = b"Test Archive <archive@example.com>"
    expiry = subpacket(9, lifetime.to_bytes(4, "big")) if lifetime else b""
    flags = subpacket(27, b"\x01" if subkey else b"\x03")
    signed_user = key.framed + b"\xb4" + len(user).to_bytes(4, "big") + user
    parts = [packet(6, key.body)]
    if revoked:
        parts.append(packet(2, key.sign(key.framed, kind=0x20)))
    parts += [packet(13, user), packet(2, key.sign(signed_user, kind=0x13, extra=flags + expiry))]
    if subkey is not None:
        pair = key.framed + subkey.framed
        back = subpacket(32, subkey.sign(pair, kind=0x19)) if back_signed else b""
        parts += [packet(14, subkey.body), packet(2, key.sign(pair, kind=0x18, extra=subpacket(27, b"\x02") + back))]
    return b"".join(parts)


def clearsigned(text: str, *signatures: bytes) -> bytes:
    """A clearsigned message around ready signature bodies."""
    escaped = "\n".join(f"- {line}" if line.startswith("-") else line for line in text.split("\n"))
    encoded = base64.encodebytes(b"".join(packet(2, signature) for signature in signatures)).decode()
    return (
        f"-----BEGIN PGP SIGNED MESSAGE-----\nHash: SHA256\n\n{escaped}\n"
        f"-----BEGIN PGP SIGNATURE-----\n\n{encoded}-----END PGP SIGNATURE-----\n"
    ).encode()


def canonical(text: str) -> bytes:
    return "\r\n".join(line.rstrip(" \t\r") for line in text.split("\n")).encode()


def sign_text(text: str, key: Key = ALICE, **options) -> bytes:
    """The body of a signature over a text."""
    return key.sign(canonical(text), kind=0x01, **options)


def signed_message(text: str, key: Key = ALICE, **options) -> bytes:
    """A clearsigned message with one signature."""
    return clearsigned(text, sign_text(text, key, **options))
