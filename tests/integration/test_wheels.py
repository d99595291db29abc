"""Real distributions from the package index, to layers, to an environment that runs."""

from __future__ import annotations

import os
import platform
import subprocess
import sys
import tarfile
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from packer.errors import PackError
from packer.oci.entry import EntryKind
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.plan.model import DependencyPlan
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from packer.system.bytecode import Compiler, Interpreter
from packer.system.urllib_http import UrllibHttp
from packer.wheels.choice import choose_wheels
from packer.wheels.environment import VirtualEnvironment
from packer.wheels.fetch import IndexHttp, WheelFetcher
from packer.wheels.layers import LayerTools, dependency_layers
from packer.wheels.request import ResolveRequest
from packer.wheels.sdists import SourceTools, build_wheels
from packer.wheels.target import Target
from packer.wheels.uv import Uv

pytestmark = pytest.mark.network

HERE = f"{sys.version_info.major}.{sys.version_info.minor}"
STACK = ("flask", "flask-sqlalchemy", "pymysql", "cryptography", "gunicorn")


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


@pytest.fixture
def uv() -> Uv:
    return Uv.of_user(os.environ)


@pytest.fixture
def fetcher(cache: DiskCache, uv: Uv):
    fetcher = WheelFetcher(cache, IndexHttp(UrllibHttp(os.environ), uv.indexes))
    yield fetcher
    fetcher.close()


def request_for(root: Path, *requirements: str, python: str = HERE, platform=LINUX_AMD64) -> ResolveRequest:
    target = Target(python=python, platform=platform, glibc=(2, 36))
    plan = DependencyPlan(lock=None, lock_format=None, files=(), requirements=requirements)
    return ResolveRequest(root=root, dependencies=plan, python=python, target=target)


def unpack(cache: DiskCache, layers, folder: Path) -> None:
    for layer in layers:
        with tarfile.open(cache.path(layer.descriptor.digest)) as archive:
            archive.extraction_filter = getattr(tarfile, "fully_trusted_filter", None)  # new in Python 3.11.4
            archive.extractall(folder)


@pytest.mark.skipif(platform.system() != "Linux" or platform.machine() != "x86_64", reason="runs wheels for amd64")
def test_layers_of_a_real_stack_are_an_environment_that_runs(tmp_path, cache, uv, fetcher):
    selection = choose_wheels(request_for(tmp_path, *STACK), direct=frozenset(STACK), cache=cache, uv=uv)
    assert selection.complete
    full = platform.python_version()
    compiler = Compiler(Interpreter((sys.executable,), {}, full, sys.implementation.cache_tag or ""))
    environment = VirtualEnvironment(python=HERE, interpreter=os.path.realpath(sys.executable), python_full=full)
    tools = LayerTools(cache=cache, fetcher=fetcher, compiler=compiler)
    layers = dependency_layers(selection.wheels, environment=environment, tools=tools)
    layers.prefetch(layers.recipes)
    with ThreadPoolExecutor(2) as threads:
        made = list(threads.map(DiskLayerCache(cache).layer, layers.recipes))
    compiler.close()

    unpack(cache, made, tmp_path / "root")

    program = (
        "import flask, sqlalchemy, pymysql, gunicorn, cryptography.hazmat.bindings._rust, importlib.metadata as m;"
        "print(flask.__cached__, m.distribution('flask').read_text('INSTALLER').strip(), m.files('flask') is not None)"
    )
    python = tmp_path / "root/app/.venv/bin/python"
    done = subprocess.run([python, "-c", program], capture_output=True, text=True, check=True, env={})
    assert done.stdout.split() == [
        str(tmp_path / f"root/app/.venv/lib/python{HERE}/site-packages/flask/__pycache__/__init__.{_tag()}.pyc"),
        "pack",
        "True",
    ]
    again = dependency_layers(selection.wheels, environment=environment, tools=tools)
    assert all(DiskLayerCache(cache).layer(recipe).cached for recipe in again.recipes)


def _tag() -> str:
    return sys.implementation.cache_tag or ""


@pytest.mark.parametrize("target_platform", [LINUX_AMD64, LINUX_ARM64], ids=str)
@pytest.mark.parametrize("python", ["3.11", "3.13"])
def test_wheels_are_chosen_for_pythons_and_processors_that_are_not_here(tmp_path, cache, uv, python, target_platform):
    request = request_for(tmp_path, *STACK, python=python, platform=target_platform)

    selection = choose_wheels(request, direct=frozenset(STACK), cache=cache, uv=uv)

    machine = {"amd64": "x86_64", "arm64": "aarch64"}[target_platform.architecture]
    native = [wheel.filename for wheel in selection.wheels if not wheel.filename.endswith("-any.whl")]
    assert selection.complete
    assert native
    assert all(machine in name for name in native)


def test_sources_of_long_ago_become_pure_wheels_for_any_processor(tmp_path, cache, uv, fetcher):
    request = request_for(tmp_path, "markupsafe==1.1.1", "anyjson==0.3.3", python="3.13", platform=LINUX_ARM64)
    selection = choose_wheels(request, direct=frozenset(), cache=cache, uv=uv)
    target = request.target
    assert target is not None

    built = build_wheels(selection.source_only, target, SourceTools(cache=cache, fetcher=fetcher, uv=uv))

    assert [wheel.filename for wheel in built] == [
        "anyjson-0.3.3-py3-none-any.whl",
        "markupsafe-1.1.1-py3-none-any.whl",
    ]


def test_a_distribution_that_does_not_exist_is_named(tmp_path, cache, uv):
    with pytest.raises(PackError, match="no-such-distribution-of-packs"):
        choose_wheels(request_for(tmp_path, "no-such-distribution-of-packs==1"), direct=frozenset(), cache=cache, uv=uv)


def test_a_wheel_of_half_a_gigabyte_needs_little_memory(tmp_path):
    """Measured in a process of its own: what another test needed must not count."""
    program = Path(__file__).with_name("large_wheel.py")

    done = subprocess.run([sys.executable, program, tmp_path], capture_output=True, text=True, check=True)

    assert int(done.stdout) <= 150 * 1024 * 1024


def test_every_entry_of_a_real_wheel_has_a_plain_path(tmp_path, cache, uv, fetcher):
    selection = choose_wheels(request_for(tmp_path, "setuptools"), direct=frozenset(), cache=cache, uv=uv)
    environment = VirtualEnvironment(python=HERE, interpreter="/usr/bin/python3", python_full=HERE)
    tools = LayerTools(cache=cache, fetcher=fetcher, compiler=None)

    entries = list(dependency_layers(selection.wheels, environment=environment, tools=tools).recipes[-1].entries())

    assert all(entry.path.startswith("app/.venv/") and "//" not in entry.path for entry in entries)
    assert {entry.kind for entry in entries} == {EntryKind.FILE, EntryKind.DIRECTORY, EntryKind.SYMLINK}
