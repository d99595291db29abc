from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from packer.errors import UsageError
from packer.oci.digest import Digest
from packer.oci.reference import Reference

DIGEST = Digest.of(b"x")


@pytest.mark.parametrize(
    ("text", "complete", "familiar"),
    [
        ("shop", "docker.io/library/shop", "shop"),
        ("shop:1.0", "docker.io/library/shop:1.0", "shop:1.0"),
        ("team/shop", "docker.io/team/shop", "team/shop"),
        ("docker.io/library/shop", "docker.io/library/shop", "shop"),
        ("registry-1.docker.io/shop", "docker.io/library/shop", "shop"),
        ("localhost/shop", "localhost/shop", "localhost/shop"),
        ("localhost:5000/a/b/shop:x", "localhost:5000/a/b/shop:x", "localhost:5000/a/b/shop:x"),
        ("Registry.Example.com/shop", "registry.example.com/shop", "registry.example.com/shop"),
        ("127.0.0.1:5000/shop", "127.0.0.1:5000/shop", "127.0.0.1:5000/shop"),
        ("[fd00::1]:5000/shop", "[fd00::1]:5000/shop", "[fd00::1]:5000/shop"),
        ("localhost", "docker.io/library/localhost", "localhost"),
        ("shop:5000", "docker.io/library/shop:5000", "shop:5000"),
        ("docker.io/example.com/x", "docker.io/example.com/x", "docker.io/example.com/x"),
        (f"shop:1@{DIGEST}", f"docker.io/library/shop:1@{DIGEST}", f"shop:1@{DIGEST}"),
    ],
)
def test_short_names_are_completed_as_docker_does(text: str, complete: str, familiar: str) -> None:
    reference = Reference.parse(text)
    assert (str(reference), reference.familiar) == (complete, familiar)


@pytest.mark.parametrize(
    "text",
    ["", "/", "a//b", "/a", "a/", "a:", ":1", "a:b:c", "a b", "a/../b", ".", "..", "-a.com/b", "a.com:port/b", "a.com/",
     "a@", "a@sha256:12", "a@md5:" + "0" * 32, "a:" + "x" * 129, "a:-x", "a" * 256, "http://a.com/b", "a_/b", "ä"],
)  # fmt: skip
def test_what_is_no_reference_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="is not an image reference"):
        Reference.parse(text)


def test_capitals_get_a_suggestion() -> None:
    with pytest.raises(UsageError) as caught:
        Reference.parse("MyShop:V1")
    assert caught.value.hint == "did you mean myshop:V1?"


COMPONENT = st.from_regex(r"[a-z0-9]{1,8}([._-][a-z0-9]{1,8})?", fullmatch=True)


@given(
    st.sampled_from(["", "localhost/", "example.com/", "example.com:443/", "[::1]:5000/"]),
    st.lists(COMPONENT, min_size=1, max_size=3),
    st.sampled_from(["", ":1", ":Latest_x"]),
    st.sampled_from(["", f"@{DIGEST}"]),
)
def test_both_spellings_read_back_as_the_same(host: str, path: list[str], tag: str, digest: str) -> None:
    reference = Reference.parse(host + "/".join(path) + tag + digest)
    assert Reference.parse(str(reference)) == reference
    assert Reference.parse(reference.familiar) == reference


def test_a_tag_is_only_there_when_it_was_said() -> None:
    reference = Reference.parse(f"shop@{DIGEST}")
    assert reference.tag is None
    assert str(reference.tagged) == "docker.io/library/shop:latest"
    assert reference.tagged.pinned(DIGEST).digest == DIGEST
