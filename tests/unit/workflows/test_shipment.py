"""Several machines push images of one project: what one made the others neither make nor send, and no lie spreads."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import timedelta
from functools import partial
from itertools import cycle
from pathlib import Path

import pytest

from packer.errors import TrustError
from packer.oci.digest import Digest
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.registry.credentials import Credential, Found
from packer.registry.shared_cache import SharedCache
from packer.store.shared_layers import kept_layers
from tests.testbed.registry import Account, BasicLogin, Registry, Step, TokenLogin, TokenTerms, always, running_registry
from tests.testbed.registry.deviations import MountIgnored
from tests.testbed.registry.faults import AnswerStatus, AnswerText
from tests.testbed.registry_client import client_of
from tests.testbed.runner import NOW, Runner

WITH = ("flask", "sqlalchemy")
STATE = Digest.of("\n".join(WITH).encode())


class Key:
    """A keychain with one name."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find(self, registry: str, repository: str) -> Found:
        return Found(Credential(username=self._name, secret="countess"), "the test")


@pytest.fixture
def registry() -> Iterator[Registry]:
    with running_registry() as running:
        yield running


@pytest.fixture
def first(registry: Registry, tmp_path: Path) -> Runner:
    """A machine that has built the project once."""
    runner = Runner(folder=tmp_path / "first", registry=registry.address)
    runner.build(WITH, code="1")
    return runner


def rewrite(registry: Registry, *lies: Callable[[dict], object], consistent: bool = False) -> None:
    """Let somebody who may push change the layer records of the entry, one after the other; `consistent`: and what
    the layers beside them say."""
    shared = SharedCache(client_of(registry, "team/shop"))
    lesson = shared.recall(STATE)
    records = dict(lesson.records)
    for key, lie in zip(sorted(key for key in records if key[0] == "layer"), cycle(lies)):
        document = json.loads(records[key])
        lie(document)
        records[key] = json.dumps(document).encode()
    shared.write(STATE, records, kept_layers(records, lesson.layers) if consistent else lesson.layers, now=NOW)


def is_right(outcome, reference) -> bool:
    return outcome.digest == reference.digest


def test_a_machine_with_nothing_makes_its_own_source_only(first, registry):
    registry.traffic.forget()
    outcome = first.with_nothing("second").build(WITH, code="2")

    assert outcome.made == ("app 2",)
    assert registry.traffic.received < 30_000
    assert is_right(outcome, first.build(WITH, code="2"))


def test_what_a_machine_was_told_is_not_in_its_cache(first):
    second = first.with_nothing("second")
    outcome = second.build(WITH, code="2")
    alone = replace(second, shared="").build(WITH, code="3")

    assert not outcome.is_own
    assert set(alone.made) == {"flask", "sqlalchemy", "app 3"}, "without the shared cache it makes everything itself"


def test_a_machine_that_has_everything_goes_by_its_own_knowledge(first):
    assert first.build(WITH, code="2").is_own


def test_nothing_changed_costs_three_requests_and_writes_nothing(first, registry):
    registry.traffic.forget()
    first.build(WITH, code="1")

    assert len([one for one in registry.traffic.exchanges if one.step is not Step.PING]) <= 3
    assert registry.traffic.received == 0


def test_what_others_know_is_asked_for_again_by_two_requests(first, registry):
    second = first.with_nothing("second")
    outcome = second.build(WITH, code="2")
    registry.traffic.forget()

    assert second.is_done(outcome, "shop:latest")
    assert len([one for one in registry.traffic.exchanges if one.step is not Step.PING]) == 2


def test_a_tag_that_leads_elsewhere_is_not_done(first):
    second = first.with_nothing("second")
    outcome = second.build(WITH, code="2")

    assert not second.is_done(outcome, "shop:latest", "shop:1")
    assert not second.is_done(outcome, "other:latest")
    first.build(WITH, code="3")
    assert not second.is_done(outcome, "shop:latest")


def test_what_was_built_by_a_word_that_is_gone_is_not_done(first, registry):
    second = first.with_nothing("second")
    outcome = second.build(WITH, code="2")
    shared = SharedCache(client_of(registry, "team/shop"))
    for entry in list(shared.entries()):
        shared.remove(entry)

    assert not second.is_done(outcome, "shop:latest")
    assert not replace(second, shared="").is_done(outcome, "shop:latest"), "nor without the shared cache"


def test_a_registry_that_does_not_answer_says_nothing_is_done(first, registry):
    second = first.with_nothing("second")
    outcome = second.build(WITH, code="2")
    registry.rules.add(always(AnswerStatus(status=400), Step.MANIFEST_HEAD))

    assert not second.is_done(outcome, "shop:latest")


def test_the_entry_is_not_written_again_when_only_code_changes(first, registry):
    registry.traffic.forget()
    first.build(WITH, code="2")

    assert len(registry.traffic.of(Step.MANIFEST_PUT)) == 1


def test_an_entry_in_use_is_written_anew_after_a_week(first, registry):
    later = replace(first, now=NOW + timedelta(days=8))
    registry.traffic.forget()
    later.build(WITH, code="2")

    assert len(registry.traffic.of(Step.MANIFEST_PUT)) == 3
    assert SharedCache(client_of(registry, "team/shop")).recall(STATE).written == later.now


def test_a_new_dependency_costs_its_own_layer(first):
    outcome = first.with_nothing("second").build((*WITH, "redis"), code="1")

    assert outcome.made == ("redis", "app 1")


def test_two_builds_at_once_with_different_dependencies_both_leave_their_entry(first, registry):
    wishes = [(*WITH, name) for name in ("redis", "celery", "boto3", "lxml")]
    runners = [first.with_nothing(wish[-1]) for wish in wishes]
    with ThreadPoolExecutor(4) as threads:
        list(
            threads.map(
                lambda pair: pair[0].build(pair[1], code="1", tag=pair[1][-1]), zip(runners, wishes, strict=True)
            )
        )

    for wish in wishes:
        outcome = first.with_nothing(f"again-{wish[-1]}").build(wish, code="2")
        assert outcome.made == ("app 2",)


def test_two_platforms_share_an_entry(registry, tmp_path):
    both = (LINUX_AMD64, LINUX_ARM64)
    first = Runner(folder=tmp_path / "first", registry=registry.address)
    first.build(WITH, code="1", platforms=both)

    outcome = first.with_nothing("second").build(WITH, code="2", platforms=both)

    assert outcome.made == ("app 2", "app 2")
    assert is_right(outcome, first.build(WITH, code="2", platforms=both))


def test_a_blob_that_was_lost_before_is_made_and_sent(first, registry):
    reference = first.with_nothing("right", target="team/other").build(WITH, code="2")
    lost = reference.images.images[0].layers[0].descriptor.digest
    del registry.contents.repository("team/shop").blobs[str(lost)]

    outcome = first.with_nothing("second").build(WITH, code="2")

    assert is_right(outcome, reference)
    assert "flask" in outcome.made
    assert str(lost) in registry.contents.repository("team/shop").blobs


@pytest.mark.parametrize(
    "lie",
    [
        lambda document: document["descriptor"].update(size=1),
        lambda document: document["descriptor"].update(digest=str(Digest.of(b"evil"))),
        lambda document: document.update(diff_id=str(Digest.of(b"evil"))),
        lambda document: document.update(diff_id="no digest"),
        lambda document: document.update(descriptor=[]),
    ],
    ids=["size", "digest of nothing", "diff ID", "no diff ID", "shape"],
)
@pytest.mark.parametrize("consistent", [False, True])
def test_a_lie_about_layers_does_not_reach_the_image(first, registry, lie, consistent):
    right = first.with_nothing("right", target="team/other").build(WITH, code="2")
    rewrite(registry, lie, consistent=consistent)

    assert is_right(first.with_nothing("second").build(WITH, code="2"), right)


def test_a_record_that_leads_to_the_layer_of_another_key_is_refused(first, registry):
    right = first.with_nothing("right", target="team/other").build(WITH, code="2")
    descriptors = [layer.descriptor.to_json() for layer in right.images.images[0].layers]
    rewrite(registry, *(partial(dict.update, descriptor=one) for one in (descriptors[0], descriptors[0])))

    assert is_right(first.with_nothing("second").build(WITH, code="2"), right)


def test_with_a_secret_a_lie_that_is_told_well_is_not_believed(registry, tmp_path):
    first = Runner(folder=tmp_path / "first", registry=registry.address, secret=b"ours")
    first.build(WITH, code="1")
    evil = Runner(folder=tmp_path / "evil", registry=registry.address, target="team/shop").build(
        ("evil",), code="1", tag="x"
    )
    layer = evil.images.images[0].layers[0].descriptor
    rewrite(registry, lambda document: document.update(descriptor=layer.to_json()), consistent=True)

    outcome = first.with_nothing("second").build(WITH, code="2")

    assert set(outcome.made) == {"flask", "sqlalchemy", "app 2"}
    assert is_right(outcome, first.build(WITH, code="2"))


def test_verifying_makes_everything_and_agrees(first):
    outcome = first.with_nothing("second", verified=True).build(WITH, code="2")

    assert set(outcome.made) == {"flask", "sqlalchemy", "app 2"}
    assert any("is right about 2 things" in note for note in outcome.notes)


def test_verifying_finds_a_lie_and_pushes_nothing(first, registry):
    before = client_of(registry, "team/shop").manifest("latest").content
    rewrite(registry, lambda document: document.update(diff_id=str(Digest.of(b"evil"))))

    with pytest.raises(TrustError, match="wrong about 2 of 2 things"):
        first.with_nothing("second", verified=True).build(WITH, code="2")

    assert client_of(registry, "team/shop").manifest("latest").content == before


@pytest.mark.parametrize(
    "quirk",
    [
        AnswerText(content=b"<html>", status=200, media_type="text/html"),
        AnswerStatus(status=403, code="DENIED"),
        AnswerStatus(status=400, code="MANIFEST_INVALID"),
    ],
    ids=["garbage", "denied", "invalid"],
)
def test_a_cache_that_cannot_be_read_is_told_and_fails_no_build(registry, tmp_path, quirk):
    with running_registry(always(quirk, Step.MANIFEST_GET)) as broken:
        runner = Runner(folder=tmp_path / "one", registry=registry.address, shared=f"{broken.address}/team/cache")
        outcome = runner.build(WITH, code="1")

    assert any("the shared cache is not used" in note for note in outcome.notes)
    assert outcome.pushed.pushed.moved == ("latest",)


def test_a_broken_entry_is_replaced_by_the_next_build(first, registry):
    shared = SharedCache(client_of(registry, "team/shop"))
    stored = client_of(registry, "team/shop").manifest("latest")
    tag = next(entry.tag for entry in shared.entries() if entry.tag != "pack-cache")
    client_of(registry, "team/shop").put_manifest(tag, stored.descriptor.media_type, stored.content)

    outcome = first.with_nothing("second").build(WITH, code="2")

    assert any("is not used" in note for note in outcome.notes)
    assert first.with_nothing("third").build(WITH, code="3").made == ("app 3",)


def test_whoever_may_only_read_the_cache_uses_it(tmp_path):
    reader = Account(name="reader", actions=frozenset({"pull"}))
    for login in (BasicLogin(accounts=(Account(), reader)), TokenLogin(terms=TokenTerms(accounts=(Account(), reader)))):
        with running_registry() as registry, running_registry(login=login) as guarded:
            shared = f"{guarded.address}/team/cache"
            writer = Runner(
                folder=tmp_path / login.__class__.__name__ / "w",
                registry=registry.address,
                shared=shared,
                keychain=Key("ada"),
            )
            writer.build(WITH, code="1")

            outcome = writer.with_nothing("r", keychain=Key("reader")).build((*WITH, "redis"), code="2")

            assert set(outcome.made) == {"redis", "app 2"}
            assert any("nothing is written to the shared cache" in note for note in outcome.notes)


def test_a_cache_in_another_repository_is_mounted_from(first, registry):
    shared = f"{registry.address}/team/cache"
    replace(first, shared=shared).build((*WITH, "redis"), code="1")
    assert registry.traffic.of(Step.UPLOAD_MOUNT)
    registry.traffic.forget()

    outcome = first.with_nothing("second", shared=shared, target="team/fork").build((*WITH, "redis"), code="2")

    assert outcome.made == ("app 2",)
    assert len(outcome.pushed.pushed.mounted) == 3
    assert len(registry.traffic.of(Step.UPLOAD_MOUNT)) == 3


def test_where_nothing_is_mounted_layers_are_made(first, registry):
    shared = f"{registry.address}/team/cache"
    replace(first, shared=shared).build((*WITH, "redis"), code="1")
    registry.rules.add(always(MountIgnored(), Step.UPLOAD_MOUNT))

    outcome = first.with_nothing("second", shared=shared, target="team/fork").build(WITH, code="2")

    assert set(outcome.made) == {"flask", "sqlalchemy", "app 2"}


def test_a_cache_in_another_registry_is_used_where_the_image_s_own_has_the_layers(first):
    with running_registry() as elsewhere:
        shared = f"{elsewhere.address}/team/cache"
        replace(first, shared=shared).build(WITH, code="2")

        assert first.with_nothing("second", shared=shared).build(WITH, code="3").made == ("app 3",)
        other = first.with_nothing("third", shared=shared, target="team/fork").build(WITH, code="3")
        assert set(other.made) == {"flask", "sqlalchemy", "app 3"}


def test_a_build_that_is_killed_before_its_manifest_leaves_the_cache_as_it_was(first, registry):
    class Killed(BaseException):
        pass

    def kill() -> None:
        raise Killed

    before = [entry.digest for entry in SharedCache(client_of(registry, "team/shop")).entries()]
    with pytest.raises(Killed):
        first.with_nothing("second", before_push=kill).build((*WITH, "redis"), code="2")

    assert [entry.digest for entry in SharedCache(client_of(registry, "team/shop")).entries()] == before
    assert first.with_nothing("third").build((*WITH, "redis"), code="2").made == ("redis", "app 2")


def test_a_cache_that_takes_no_manifest_fails_no_build(first, registry):
    with running_registry(always(AnswerStatus(status=400, code="MANIFEST_INVALID"), Step.MANIFEST_PUT)) as broken:
        outcome = replace(first, shared=f"{broken.address}/team/cache").build(WITH, code="2")

    assert outcome.pushed.pushed.moved == ("latest",)
    assert any("nothing is written to the shared cache" in note for note in outcome.notes)
