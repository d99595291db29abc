"""The dependency tree of a project, drawn by pipdeptree from metadata alone: nothing of the project is run."""

from __future__ import annotations

import sys
import tempfile
import zipfile
from collections.abc import Iterable, Mapping
from pathlib import Path

from packer.build.distributions import wheel_fetcher
from packer.build.progress import Progress
from packer.build.workshop import Workshop
from packer.errors import BuildError
from packer.system.process import run
from packer.wheels.fetch import WheelFetcher
from packer.wheels.model import Wheel
from packer.workflows.names import platforms_of
from packer.workflows.preparation import Preparation

__all__ = ["dependency_tree"]

_LARGEST_METADATA = 4 * 1024 * 1024
_ENVIRONMENTS = (".venv", "venv")


def dependency_tree(
    prepared: Preparation, *, environment: Mapping[str, str], workshop: Workshop, progress: Progress
) -> tuple[str, ...]:
    """The lines of the tree.

    It is that of the project's lock; of the virtual environment in its folder where it has no lock; else of what its
    requirements resolve to.

    Raises:
        BuildError: the distributions cannot be resolved, or their metadata cannot be read.
        TransientError: the package index does not answer.
    """
    installed = None if prepared.project.dependencies.lock else _site_packages(prepared.folder)
    if installed:
        return _drawn(installed, environment)
    (platform, *_) = platforms_of(prepared.settings.platforms, host=workshop.host)
    with wheel_fetcher(workshop) as fetcher, tempfile.TemporaryDirectory(prefix="pack-tree-") as folder:
        settled = prepared.settle(platform, workshop=workshop, fetcher=fetcher, progress=progress)
        with progress.step("reading metadata"):
            _lay_out_metadata(settled.wheels, fetcher, Path(folder))
            return _drawn(Path(folder), environment)


def _site_packages(folder: Path) -> Path | None:
    """The site-packages of the project's own virtual environment, if there is one with something in it."""
    for name in _ENVIRONMENTS:
        if (folder / name / "pyvenv.cfg").is_file():
            for place in sorted((folder / name / "lib").glob("python3.*/site-packages")):
                if any(place.glob("*.dist-info")):
                    return place
    return None


def _lay_out_metadata(wheels: Iterable[Wheel], fetcher: WheelFetcher, folder: Path) -> None:
    """The `.dist-info/METADATA` of each wheel, which is all that a tree is drawn from."""
    for wheel in wheels:
        place = folder / f"{wheel.name.replace('-', '_')}-{wheel.version}.dist-info"
        place.mkdir()
        (place / "METADATA").write_bytes(_metadata(fetcher.path(wheel), wheel.filename))


def _metadata(path: Path, name: str) -> bytes:
    try:
        with zipfile.ZipFile(path) as archive:
            member = next(one for one in archive.infolist() if _is_metadata(one.filename))
            if member.file_size > _LARGEST_METADATA:
                raise BuildError(f"the metadata of {name} is larger than {_LARGEST_METADATA} bytes")
            return archive.read(member)
    except (zipfile.BadZipFile, StopIteration, OSError) as error:
        raise BuildError(f"{name} has no metadata that can be read") from error


def _is_metadata(filename: str) -> bool:
    return filename.endswith(".dist-info/METADATA") and filename.count("/") == 1


def _drawn(site_packages: Path, environment: Mapping[str, str]) -> tuple[str, ...]:
    arguments = ("--path", str(site_packages), "--output", "text", "--warn", "silence")
    finished = run([sys.executable, "-m", "pipdeptree", *arguments], env=environment, timeout=120)
    if finished.status:
        raise BuildError(f"pipdeptree cannot draw the tree: {finished.stderr.strip()[-300:]}")
    return tuple(finished.stdout.decode("utf-8", "replace").splitlines())
