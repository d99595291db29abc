from __future__ import annotations

import pytest

from packer.debian.ed25519 import verify

VECTORS = [  # RFC 8032, 7.1: public key, message, signature
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_the_vectors_of_the_specification_hold(public, message, signature):
    assert verify(bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature))


@pytest.mark.parametrize(("public", "message", "signature"), VECTORS)
def test_any_change_breaks_a_signature(public, message, signature):
    key, text, good = bytes.fromhex(public), bytes.fromhex(message), bytes.fromhex(signature)
    assert not verify(key, text + b"!", good)
    assert not verify(key, text, good[:40] + bytes([good[40] ^ 1]) + good[41:])
    assert not verify(key[:-1] + bytes([key[-1] ^ 0x80]), text, good)


def test_sizes_and_ranges_are_checked():
    public, _, signature = (bytes.fromhex(part) for part in VECTORS[0])
    order = 2**252 + 27742317777372353535851937790883648493
    malleable = signature[:32] + (int.from_bytes(signature[32:], "little") + order).to_bytes(32, "little")
    assert not verify(public, b"", malleable)
    assert not verify(public, b"", signature[:-1])
    assert not verify(b"\xff" * 32, b"", signature)
