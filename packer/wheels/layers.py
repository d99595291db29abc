"""The dependencies as layer recipes: known from the lock alone, made only when no cache has them.

No wheel is opened, and none fetched, for a layer that is there already.
"""

from __future__ import annotations

import threading
from collections.abc import Iterable, Sequence
from functools import partial

from msgspec import Struct

from packer.oci.entry import Entry
from packer.oci.layer import LayerRecipe
from packer.project.model import Caution
from packer.store.cache import BlobCache
from packer.system.bytecode import Compiler, pyc_path
from packer.wheels.environment import VirtualEnvironment
from packer.wheels.fetch import WheelFetcher
from packer.wheels.group import DEFAULT_BUDGET, Placement, group
from packer.wheels.model import Wheel

__all__ = ["DependencyLayers", "LayerTools", "dependency_layers"]

_LAYOUT = "wheels-1"
"""Changes when the same wheels give other bytes."""


class LayerTools(Struct, frozen=True, kw_only=True):
    """What making a layer needs.

    Attributes:
        cache: blobs and records.
        fetcher: brings wheels.
        compiler: makes bytecode; None for layers without it.
    """

    cache: BlobCache
    fetcher: WheelFetcher
    compiler: Compiler | None


class DependencyLayers(Struct, frozen=True, kw_only=True):
    """The dependencies' layers.

    Attributes:
        recipes: bottom to top; the last one also holds the environment itself and is always there.
        assignment: which wheel is where, to be given as `previous` next time.
    """

    recipes: tuple[LayerRecipe, ...]
    assignment: tuple[Placement, ...]
    _groups: dict[str, tuple[Wheel, ...]]
    _fetcher: WheelFetcher
    _overlaps: _Overlaps

    def prefetch(self, recipes: Iterable[LayerRecipe]) -> None:
        """Begin to fetch the wheels of layers that will be made. Returns at once; not calling it costs time only."""
        self._fetcher.start(wheel for recipe in recipes for wheel in self._groups.get(recipe.key, ()))

    @property
    def cautions(self) -> tuple[Caution, ...]:
        """What was noticed while layers were made: files that two wheels want to be different."""
        return self._overlaps.cautions()


def dependency_layers(
    wheels: Sequence[Wheel],
    *,
    environment: VirtualEnvironment,
    tools: LayerTools,
    previous: Sequence[Placement] = (),
    budget: int = DEFAULT_BUDGET,
) -> DependencyLayers:
    """Recipes for the dependencies and the environment that holds them.

    Args:
        wheels: in the lock's order. Where two wheels hold different files of one path, the later one wins within
            a layer and the upper layer wins between layers; both are reported.
        environment: where they go.
        tools: what making a layer needs.
        previous: the assignment of the image's last build.
        budget: how many layers there may be.

    Returns:
        Recipes whose entries raise `BuildError` (a broken wheel, an interpreter that does not run), `TrustError` and
        `TransientError` (fetching).
    """
    placements = group(wheels, previous=previous, budget=budget)
    alone = [placement.name for placement in placements if placement.alone]
    by_name = {wheel.name: wheel for wheel in wheels}
    groups = [(by_name[name],) for name in alone]
    rest = tuple(wheel for wheel in wheels if wheel.name not in set(alone))
    overlaps = _Overlaps()
    making = _Making(environment, tools, overlaps)
    recipes = [making.recipe(f"{wheels[0].name} {wheels[0].version}", wheels) for wheels in groups]
    recipes.append(making.recipe("python environment", rest, with_environment=True))
    members = {recipe.key: wheels for recipe, wheels in zip(recipes, (*groups, rest), strict=True)}
    return DependencyLayers(
        recipes=tuple(recipes),
        assignment=placements,
        _groups=members,
        _fetcher=tools.fetcher,
        _overlaps=overlaps,
    )


class _Making(Struct, frozen=True):
    """How a group of wheels becomes entries."""

    environment: VirtualEnvironment
    tools: LayerTools
    overlaps: _Overlaps

    def recipe(self, name: str, wheels: tuple[Wheel, ...], *, with_environment: bool = False) -> LayerRecipe:
        environment, compiler = self.environment, self.tools.compiler
        bytecode = f"{compiler.interpreter.cache_tag} {compiler.interpreter.version}" if compiler else "no bytecode"
        inputs = [_LAYOUT, environment.prefix, environment.python, bytecode]
        inputs += [f"{wheel.digest} {wheel.filename}{' direct' if wheel.direct else ''}" for wheel in wheels]
        if with_environment:
            inputs += [f"environment {environment.interpreter} {environment.python_full}"]
        return LayerRecipe(
            name=name,
            inputs=tuple(inputs),
            created_by=f"pack: {_listed(wheels) or name}",
            entries=partial(self.entries, wheels, with_environment=with_environment),
        )

    def entries(self, wheels: tuple[Wheel, ...], *, with_environment: bool) -> Iterable[Entry]:
        from packer.wheels.archive import WheelArchive  # noqa: PLC0415 (only a layer that is made needs all this)
        from packer.wheels.bytecode import LaidOutWheel, bytecode_of  # noqa: PLC0415
        from packer.wheels.install import lay_out  # noqa: PLC0415

        tools = self.tools
        tools.fetcher.start(wheels)
        placed: list[LaidOutWheel] = []
        for wheel in wheels:
            archive = WheelArchive(tools.fetcher.path(wheel), wheel.filename)
            placed.append(LaidOutWheel(wheel.digest, lay_out(archive, self.environment, direct=wheel.direct)))
        compiled = bytecode_of(placed, tools.compiler, tools.cache) if tools.compiler else [{} for _ in placed]
        entries = {entry.path: entry for entry in self.environment.entries()} if with_environment else {}
        for wheel, laid_out, files in zip(wheels, placed, compiled, strict=True):
            layout = laid_out.layout
            for replaced in self.overlaps.add(wheel, layout.fingerprints()):
                self._drop_bytecode(entries, replaced)
            entries.update((entry.path, entry) for entry in layout.entries)
            entries.update((path.lstrip("/"), Entry.file(path.lstrip("/"), content)) for path, content in files.items())
            entries[layout.record_path] = layout.record(files)
        return entries.values()

    def _drop_bytecode(self, entries: dict[str, Entry], source: str) -> None:
        """Bytecode of a replaced module must not outlive it: nothing would compare it with the source."""
        if self.tools.compiler is not None and source.endswith(".py"):
            entries.pop(pyc_path(source, self.tools.compiler.interpreter.cache_tag), None)


class _Overlaps:
    """Which wheel put which file where, over all layers that are made. Safe for several threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._owners: dict[str, tuple[str, str]] = {}
        self._found: set[tuple[str, str, str]] = set()

    def add(self, wheel: Wheel, fingerprints: Iterable[tuple[str, str]]) -> list[str]:
        """Note a wheel's files, path and hash; those that another wheel has with other content."""
        replaced = []
        with self._lock:
            for path, fingerprint in fingerprints:
                owner = self._owners.setdefault(path, (wheel.name, fingerprint))
                if owner[0] != wheel.name and owner[1] != fingerprint:
                    replaced.append(path)
                    self._found.add((owner[0], wheel.name, path))
                    self._owners[path] = (wheel.name, fingerprint)
        return replaced

    def cautions(self) -> tuple[Caution, ...]:
        with self._lock:
            found = sorted(self._found)
        pairs: dict[tuple[str, str], list[str]] = {}
        for first, second, path in found:
            pairs.setdefault((min(first, second), max(first, second)), []).append(path)
        return tuple(
            Caution(
                what=f"{first} and {second} both bring {_shortened(paths)}, with different content",
                hint="use only one of the two, if both are meant for the same job",
            )
            for (first, second), paths in sorted(pairs.items())
        )


def _listed(wheels: Sequence[Wheel]) -> str:
    """For the image's history, which people read: not more than a few lines."""
    texts = [f"{wheel.name} {wheel.version}" for wheel in wheels]
    return ", ".join(texts[:20]) + (f" and {len(texts) - 20} more" if len(texts) > 20 else "")


def _shortened(paths: Sequence[str]) -> str:
    shown = ", ".join(f"/{path}" for path in paths[:3])
    return f"{shown} and {len(paths) - 3} more files" if len(paths) > 3 else shown
