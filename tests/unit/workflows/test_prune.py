"""Which images of a project an engine may lose."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from packer.engine.connection import connect
from packer.engine.images import ProjectImage
from packer.oci.reference import Reference
from packer.stack.identity import PROJECT_LABEL
from packer.store.cache import DiskCache
from packer.store.images import ImageStore
from packer.workflows.own_images import OwnImages, engine_images
from packer.workflows.prune import find_leftovers, images_to_prune, prune
from tests.unit.stack.doubles import EngineDouble, serving
from tests.unit.workflows.stored import put

SHOP = "docker.io/library/shop"
OWN = OwnImages(repositories=(SHOP, f"{SHOP}-web"), titles=("shop", "shop-web"), stack="shop")


def image(identifier: str, *names: str, created: int = 0) -> ProjectImage:
    return ProjectImage(id=identifier, names=tuple(map(Reference.parse, names)), size=1, created=created)


def gone(*images: ProjectImage, keep: int, kept: tuple[str, ...] = (), in_use: tuple[str, ...] = ()) -> list[str]:
    ordered = sorted(images, key=lambda one: -one.created)
    return [one.id for one in images_to_prune(ordered, kept=kept, in_use=in_use, keep=keep)]


def test_the_newest_and_the_latest_stay() -> None:
    images = [image(str(n), f"shop:{n}", created=n) for n in range(5)]

    assert gone(*images, keep=2) == ["2", "1", "0"]
    assert gone(*images, image("old", "shop:latest", created=-1), keep=0) == ["4", "3", "2", "1", "0"]


def test_what_the_store_keeps_or_a_container_needs_stays() -> None:
    images = [image(str(n), f"shop:{n}", created=n) for n in range(5)]

    assert gone(*images, keep=2, kept=("0", "1")) == ["4", "3", "2"]
    assert gone(*images, keep=0, in_use=("3",)) == ["4", "2", "1", "0"]


def test_images_of_app_and_web_are_counted_apart_and_nameless_ones_go() -> None:
    assert gone(image("a", "shop:1"), image("w", "shop-web:1"), image("n"), keep=1) == ["n"]


def documents(*found: dict[str, Any]) -> EngineDouble:
    double = EngineDouble([])
    plain = double.answer

    def answer(method: str, path: str, query: dict[str, list[str]]) -> tuple[int, object]:
        return (200, list(found)) if path.endswith("/images/json") else plain(method, path, query)

    double.answer = answer  # type: ignore[method-assign]
    return double


def test_only_the_projects_own_images_are_found(tmp_path: Path) -> None:
    title = "org.opencontainers.image.title"
    double = documents(
        {"Id": "own", "RepoTags": ["shop:1", "blog:1"]},
        {"Id": "web", "RepoTags": ["shop-web:1"]},
        {"Id": "other", "RepoTags": ["blog:2"], "Labels": {title: "shop"}},
        {"Id": "lost", "RepoTags": None, "Labels": {title: "shop"}},
        {"Id": "composed", "RepoTags": ["<none>:<none>"], "Labels": {PROJECT_LABEL: "shop"}},
        {"Id": "nobody's", "RepoTags": None, "Labels": None},
    )
    with serving(double, tmp_path / "socket"), connect(double.environment, tmp_path) as engine:
        found = {one.id: [str(name) for name in one.names] for one in engine_images(engine, OWN)}

    assert found == {"own": [f"{SHOP}:1"], "web": [f"{SHOP}-web:1"], "lost": [], "composed": []}


def test_without_an_engine_the_store_alone_is_pruned(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path / "cache")
    for moment in range(3):
        store = ImageStore(tmp_path / "data", cache, clock=lambda moment=moment: moment)  # type: ignore[misc]
        put(cache, store, f"shop:{moment}", layers=(str(moment),))
        put(cache, store, f"blog:{moment}", layers=(f"blog {moment}",))
    store = ImageStore(tmp_path / "data", cache)
    found = find_leftovers(None, None, OWN, folder=tmp_path, store=store, cache=cache, keep=1)
    told: list[str] = []
    report = prune(None, found, store=store, cache=cache, told=told.append)

    assert told == ["stored image shop:0", "stored image shop:1"]
    assert report.to_json(dry_run=False)["store"]["removed"][0]["reference"] == f"{SHOP}:0"
    assert len(store.list()) == 4
