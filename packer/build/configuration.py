"""The configuration layer: small files that pack writes, between the dependencies and the source."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from packer.oci.entry import Entry
from packer.oci.layer import LayerRecipe
from packer.plan.model import VENV, Plan
from packer.render.rendered import RenderedFile
from packer.render.site_packages import render_site_packages
from packer.system.bytecode import Compiler, Source, pyc_path

__all__ = ["configuration_recipe"]

_LAYOUT_VERSION = "configuration/4"


def configuration_recipe(plan: Plan, rendered: Sequence[RenderedFile], *, compiler: Compiler | None) -> LayerRecipe:
    """The rendered files at their places, and what pack adds to the environment, with its bytecode."""
    site_packages = f"{VENV}/lib/python{plan.python}/site-packages"
    files = [(file.path.lstrip("/"), file) for file in rendered]
    added = [(f"{site_packages}/{file.path}".lstrip("/"), file) for file in render_site_packages(plan)]

    def entries() -> Iterator[Entry]:
        for path, file in (*files, *added):
            yield Entry.file(path, file.text.encode(), mode=0o755 if file.executable else 0o644)
        if compiler is None:
            return
        modules = (Source(f"/{path}", file.text.encode()) for path, file in added if path.endswith(".py"))
        for result in compiler.compile(modules):
            if result.content:
                yield Entry.file(pyc_path(result.path, compiler.interpreter.cache_tag).lstrip("/"), result.content)

    return LayerRecipe(
        name="configuration",
        inputs=(
            _LAYOUT_VERSION,
            f"bytecode {compiler.interpreter.version if compiler else None}",
            *(f"{path}\0{file.key}" for path, file in (*files, *added)),
        ),
        created_by="pack: server configuration, project metadata",
        entries=entries,
    )
