"""The configuration layer: small files that pack writes, between the dependencies and the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packer.oci.entry import Entry
from packer.oci.layer import LayerRecipe
from packer.plan.model import VENV, Plan
from packer.render.rendered import RenderedFile
from packer.render.site_packages import render_site_packages

__all__ = ["configuration_recipe"]

_LAYOUT_VERSION = "configuration/3"


def configuration_recipe(plan: Plan, rendered: Sequence[RenderedFile]) -> LayerRecipe:
    """The rendered files at their places, and what pack adds to the environment."""
    site_packages = f"{VENV}/lib/python{plan.python}/site-packages"
    files = [(file.path.lstrip("/"), file) for file in rendered]
    files += [(f"{site_packages}/{file.path}".lstrip("/"), file) for file in render_site_packages(plan)]

    def entries() -> Iterator[Entry]:
        for path, file in files:
            yield Entry.file(path, file.text.encode(), mode=0o755 if file.executable else 0o644)

    return LayerRecipe(
        name="configuration",
        inputs=(_LAYOUT_VERSION, *(f"{path}\0{file.key}" for path, file in files)),
        created_by="pack: server configuration, project metadata",
        entries=entries,
    )
