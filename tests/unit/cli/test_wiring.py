"""The project's own image, as commands without a reference mean it."""

from __future__ import annotations

from pathlib import Path

import pytest

from packer.cli.wiring import blob_cache, image_store, project_references
from packer.errors import UsageError
from tests.unit.workflows.stored import put


def test_without_a_reference_the_current_image_is_meant_under_all_its_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    environment = {"PACK_CACHE_DIR": str(tmp_path / "cache"), "PACK_DATA_DIR": str(tmp_path / "data")}
    cache = blob_cache(environment)
    store = image_store(environment, cache)
    (tmp_path / "shop").mkdir()
    monkeypatch.chdir(tmp_path / "shop")

    with pytest.raises(UsageError, match="no image of this project"):
        project_references(store, environment)
    put(cache, store, "shop:old", "blog:latest", layers=("old",))
    put(cache, store, "shop:latest", "shop:main", "team/shop:1", layers=("new",))

    assert [one.familiar for one in project_references(store, environment)] == ["shop:main", "shop:latest"]
