"""What bash is told: it takes names apart at colons, and replaces what stands after the last."""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.cli.completion import join_bash_words, stored_references
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from tests.unit.workflows.stored import put


def asked(*words: str, position: int | None = None) -> dict[str, str]:
    """The variables as pack reads them, after they were put together."""
    number = len(words) - 1 if position is None else position
    environment = {"_PACK_COMPLETE": "complete_bash", "COMP_WORDS": "\n".join(words), "COMP_CWORD": str(number)}
    join_bash_words(environment)
    return environment


@pytest.fixture
def _images(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    cache = DiskCache(tmp_path / "cache")
    store = ImageStore(tmp_path / "data", cache)
    put(cache, store, "shop:1.3", "shop:1.4", "localhost:5000/team/shop:1", layers=("one",))
    monkeypatch.setenv("PACK_CACHE_DIR", str(tmp_path / "cache"))
    monkeypatch.setenv("PACK_DATA_DIR", str(tmp_path / "data"))


@pytest.mark.usefixtures("_images")
@pytest.mark.parametrize(
    ("words", "offered"),
    [
        (("sh",), ["shop:1.3", "shop:1.4"]),
        (("shop", ":"), ["1.3", "1.4"]),
        (("shop", ":", "1.4"), ["1.4"]),
        (("localhost", ":", "5000/te"), ["5000/team/shop:1"]),
        (("localhost", ":", "5000/team/shop", ":"), ["1"]),
        (("other", "shop", ":", "1.3"), ["1.3"]),
        (("shop:1",), ["shop:1.3", "shop:1.4"]),  # a bash that was told not to take names apart
        (("other", ":"), []),
    ],
)
def test_a_name_is_completed_from_its_last_colon_on(
    words: tuple[str, ...], offered: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = asked("pack", "rmi", *words)
    monkeypatch.setenv("_PACK_COMPLETE_BEFORE", environment["_PACK_COMPLETE_BEFORE"])
    parts = environment["COMP_WORDS"].split("\n")
    number = int(environment["COMP_CWORD"])
    assert stored_references(parts[number] if number < len(parts) else "") == offered


def test_words_without_a_colon_stay_as_they_are() -> None:
    environment = asked("pack", "rmi", "--all", "sh")
    assert (environment["COMP_WORDS"], environment["COMP_CWORD"]) == ("pack\nrmi\n--all\nsh", "3")


@pytest.mark.parametrize("position", ["", "x", "99"])
def test_a_position_that_is_none_fails_nothing(position: str) -> None:
    environment = {"_PACK_COMPLETE": "complete_bash", "COMP_WORDS": "pack\nrmi", "COMP_CWORD": position}
    join_bash_words(environment)


def test_other_shells_are_left_alone() -> None:
    environment = {"_PACK_COMPLETE": "complete_zsh", "COMP_WORDS": "pack\nrmi\nshop\n:"}
    before = dict(environment)
    join_bash_words(environment)
    assert environment == before
