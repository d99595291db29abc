from __future__ import annotations

from datetime import datetime, timezone

import pytest

from packer.debian.keyring import debian_keyring, parse_keyring
from packer.debian.trust import verify_clearsigned
from packer.errors import TrustError
from tests.unit.debian.signer import (
    ALICE,
    BIRTH,
    MALLORY,
    SUBKEY,
    YEAR,
    Key,
    certificate,
    clearsigned,
    packet,
    sign_text,
    signed_message,
    subpacket,
)

NOW = datetime.fromtimestamp(BIRTH + YEAR, timezone.utc)
TEXT = "Origin: Test\nSuite: stable\nSHA256:\n abc 1 main/x"


def verify(message: bytes, certificates: bytes = b"", now: datetime = NOW):
    keyring = parse_keyring(certificates or certificate())
    return verify_clearsigned(message, keyring, now=now, where="http://mirror.test/InRelease")


def test_a_good_signature_gives_the_signed_text():
    assert verify(signed_message(TEXT)).text == TEXT


def test_sha512_signatures_hold():
    assert verify(signed_message(TEXT, hash_name="sha512")).signers


def test_dash_escaped_lines_and_trailing_blanks_are_read_as_they_were_signed():
    text = "Origin: Test  \n- item\n--- b\t\nend"
    assert verify(signed_message(text)).text == "Origin: Test\n- item\n--- b\nend"


def test_windows_line_ends_change_nothing():
    assert verify(signed_message(TEXT).replace(b"\n", b"\r\n")).text == TEXT


def test_a_subkey_signs_for_its_owner():
    assert verify(signed_message(TEXT, SUBKEY), certificate(subkey=SUBKEY)).signers


def test_one_good_signature_beside_unknown_ones_is_enough():
    message = clearsigned(TEXT, sign_text(TEXT, MALLORY), sign_text(TEXT))
    assert len(verify(message).signers) == 1


@pytest.mark.parametrize(
    ("message", "says"),
    [
        pytest.param(TEXT.encode(), "not signed", id="unsigned"),
        pytest.param(b"Suite: evil\n" + signed_message(TEXT), "not signed", id="text-before"),
        pytest.param(signed_message(TEXT) + b"Suite: evil\n", "behind the signature", id="text-behind"),
        pytest.param(signed_message(TEXT).replace(b"stable", b"stabli"), "changed on its way", id="tampered"),
        pytest.param(signed_message(TEXT)[:-40], "ends before its signature", id="cut-in-the-signature"),
        pytest.param(signed_message(TEXT)[:80], "ends before its signature", id="cut-in-the-text"),
        pytest.param(signed_message(TEXT).replace(b"Hash: SHA256", b"Suite: evil"), "unknown header", id="header"),
        pytest.param(signed_message(TEXT).replace(b"Suite", b"-Suite"), "unescaped dash", id="unescaped-dash"),
        pytest.param(signed_message(TEXT, MALLORY), "not in the keyring", id="unknown-key"),
        pytest.param(signed_message(TEXT, hash_name="sha1"), "too weak", id="weak-hash"),
        pytest.param(signed_message(TEXT, created=BIRTH + 2 * YEAR), "in the future", id="from-the-future"),
        pytest.param(signed_message(TEXT, created=BIRTH - 5), "before it was made", id="older-than-its-key"),
        pytest.param(
            signed_message(TEXT, extra=subpacket(3, (60).to_bytes(4, "big"))), "ended on 2023-11-14", id="sig-expired"
        ),
        pytest.param(
            signed_message(TEXT, extra=subpacket(99, b"x", critical=True)), "does not understand", id="critical"
        ),
        pytest.param(clearsigned(TEXT), "0 signatures", id="no-signature-packet"),
        pytest.param(clearsigned(TEXT, b"\x03" + bytes(20)), "none is of a known kind", id="old-version"),
        pytest.param(clearsigned(TEXT, sign_text(TEXT)[:-9]), "cut short", id="broken-packet"),
        pytest.param(clearsigned(TEXT, *[sign_text(TEXT)] * 40), "40 signatures", id="too-many"),
        pytest.param(b"", "not signed", id="empty"),
    ],
)
def test_what_is_refused_says_why(message, says):
    with pytest.raises(TrustError, match=says) as caught:
        verify(message)
    assert caught.value.where == "http://mirror.test/InRelease"
    assert caught.value.hint


def test_a_wrong_signature_by_a_trusted_key_is_refused_whatever_else_is_good():
    message = clearsigned(TEXT, sign_text(TEXT), sign_text("something else"))
    with pytest.raises(TrustError, match="changed on its way"):
        verify(message)


def test_a_signature_of_another_kind_does_not_count():
    binary = ALICE.sign(TEXT.encode(), kind=0x00)
    with pytest.raises(TrustError, match="no trusted signature"):
        verify(clearsigned(TEXT, binary))


def test_an_expired_key_is_named_with_its_day():
    with pytest.raises(TrustError, match="expired on 2023-12-14"):
        verify(signed_message(TEXT), certificate(lifetime=30 * 24 * 3600))


def test_a_revoked_key_signs_no_more():
    with pytest.raises(TrustError, match="is revoked"):
        verify(signed_message(TEXT), certificate(revoked=True))


def test_a_subkey_that_did_not_agree_is_not_believed():
    with pytest.raises(TrustError, match="no key that can be used"):
        verify(signed_message(TEXT, SUBKEY), certificate(subkey=SUBKEY, back_signed=False))


def test_a_primary_key_that_only_certifies_does_not_sign():
    with pytest.raises(TrustError, match="not in the keyring"):
        verify(signed_message(TEXT), certificate(subkey=SUBKEY))


def test_a_user_id_signed_by_somebody_else_makes_no_key():
    stolen = certificate(MALLORY).replace(packet(6, MALLORY.body), packet(6, ALICE.body))
    with pytest.raises(TrustError, match="no key that can be used"):
        parse_keyring(stolen)


def test_short_rsa_keys_are_not_believed():
    weak = Key((1 << 89) - 1, (1 << 521) - 1)
    with pytest.raises(TrustError, match="no key that can be used"):
        parse_keyring(certificate(weak))


def test_the_shipped_keys_are_whole_and_valid_for_years():
    keys = debian_keyring().keys
    assert len(keys) == 10
    assert not any(key.revoked for key in keys)
    assert min(key.expires or 0 for key in keys) > datetime(2031, 1, 1, tzinfo=timezone.utc).timestamp()
    assert {key.owner.partition(" Key")[0] for key in keys} == {
        "Debian Archive Automatic Signing",
        "Debian Security Archive Automatic Signing",
        "Debian Stable Release",
    }
