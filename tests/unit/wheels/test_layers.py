import marshal
import platform
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from packer.errors import ArchiveError, BuildError
from packer.oci.entry import Entry, EntryKind
from packer.store.layers import DiskLayerCache
from packer.system.bytecode import Compiler, Interpreter
from packer.wheels.fetch import WheelFetcher
from packer.wheels.layers import LayerTools, dependency_layers

SITE = "app/.venv/lib/python3.13/site-packages"
TAG = sys.implementation.cache_tag
BIG = bytes(range(256)) * 4_100


@pytest.fixture
def compiler():
    compiler = Compiler(Interpreter((sys.executable,), {}, platform.python_version(), TAG or ""), workers=1)
    yield compiler
    compiler.close()


@pytest.fixture
def tools(cache, fetcher, compiler) -> LayerTools:
    return LayerTools(cache=cache, fetcher=fetcher, compiler=compiler)


def entries_of(recipe) -> dict[str, Entry]:
    entries = list(recipe.entries())
    assert len(entries) == len({entry.path for entry in entries})
    return {entry.path: entry for entry in entries}


def content(entry: Entry) -> bytes:
    if isinstance(entry.content, bytes):
        return entry.content
    with entry.content.open() as stream:
        return stream.read()


def pyc(path: str) -> str:
    folder, _, name = path.rpartition("/")
    return f"{folder}/__pycache__/{name.removesuffix('.py')}.{TAG}.pyc"


def test_without_dependencies_there_is_still_an_environment(environment, tools):
    layers = dependency_layers([], environment=environment, tools=tools)

    (recipe,) = layers.recipes
    entries = entries_of(recipe)
    assert entries["app/.venv/bin/python"].kind is EntryKind.SYMLINK
    assert f"{SITE}" in entries


def test_modules_come_with_bytecode_that_record_lists(in_cache, environment, tools):
    wheel = in_cache({"demo/__init__.py": b"def f(): return 1\n"})

    entries = entries_of(dependency_layers([wheel], environment=environment, tools=tools).recipes[0])

    code = content(entries[pyc(f"{SITE}/demo/__init__.py")])
    assert marshal.loads(code[16:]).co_filename == f"/{SITE}/demo/__init__.py"
    record = content(entries[f"{SITE}/demo-1.0.dist-info/RECORD"]).decode()
    assert f"demo/__pycache__/__init__.{TAG}.pyc,,\n" in record


def test_modules_that_do_not_compile_have_no_bytecode(in_cache, environment, tools):
    wheel = in_cache({"demo/py2.py": b"print 'hello'\n", "demo/ok.py": b""})

    entries = entries_of(dependency_layers([wheel], environment=environment, tools=tools).recipes[0])

    assert pyc(f"{SITE}/demo/py2.py") not in entries
    assert pyc(f"{SITE}/demo/ok.py") in entries


def test_bytecode_can_be_left_out(in_cache, environment, tools):
    wheel = in_cache({"demo.py": b""})
    without = replace(tools, compiler=None)

    plain = dependency_layers([wheel], environment=environment, tools=without).recipes[0]

    assert not any("__pycache__" in path for path in entries_of(plain))
    assert plain.key != dependency_layers([wheel], environment=environment, tools=tools).recipes[0].key


def test_bytecode_of_a_known_wheel_is_not_compiled_again(in_cache, environment, tools, cache, fetcher):
    first, second = in_cache({"a.py": b"x = 1"}, name="a"), in_cache({"b.py": b"x = 2"}, name="b")
    before = entries_of(dependency_layers([first], environment=environment, tools=tools).recipes[0])
    sources = []

    class Watched(Compiler):
        def compile(self, sources_):
            return super().compile(sources.append(source.path) or source for source in sources_)

    watched = Watched(tools.compiler.interpreter, workers=1)
    try:
        again = replace(tools, compiler=watched)
        after = entries_of(dependency_layers([first, second], environment=environment, tools=again).recipes[0])
    finally:
        watched.close()

    assert sources == [f"/{SITE}/b.py"]
    assert content(before[pyc(f"{SITE}/a.py")]) == content(after[pyc(f"{SITE}/a.py")])


def test_lost_bytecode_is_made_again(in_cache, environment, tools, cache):
    wheel = in_cache({"a.py": b"x = 1"})
    recipe = dependency_layers([wheel], environment=environment, tools=tools).recipes[0]
    before = {path: content(entry) for path, entry in entries_of(recipe).items()}
    for blob in (cache.root / "blobs").rglob("*"):
        if blob.is_file() and blob.name != wheel.digest.hex:
            blob.unlink()

    assert {path: content(entry) for path, entry in entries_of(recipe).items()} == before


def test_large_wheels_have_layers_of_their_own_below_the_rest(in_cache, environment, tools):
    big = in_cache({"big.bin": BIG}, name="big", compression=0)
    small = in_cache({"small.py": b""}, name="small")

    layers = dependency_layers([big, small], environment=environment, tools=tools)

    assert [recipe.name for recipe in layers.recipes] == ["big 1.0", "python environment"]
    assert f"{SITE}/big.bin" in entries_of(layers.recipes[0])
    assert f"{SITE}/small.py" in entries_of(layers.recipes[1])
    assert [placement.alone for placement in layers.assignment] == [True, False]


def test_recipes_are_known_without_any_wheel(in_cache, environment, tools, cache):
    wheel = in_cache({"demo.py": b""})
    cache.path(wheel.digest).unlink()

    assert dependency_layers([wheel], environment=environment, tools=tools).recipes[0].key


def test_keys_change_with_everything_that_changes_bytes(in_cache, environment, tools):
    wheel = in_cache({"demo.py": b""})

    def key(wheels=(wheel,), environment=environment) -> str:
        return dependency_layers(wheels, environment=environment, tools=tools).recipes[-1].key

    keys = [
        key(),
        key((replace(wheel, direct=True),)),
        key((in_cache({"demo.py": b"1"}),)),
        key((wheel, in_cache({"x.py": b""}, name="x"))),
        key(environment=replace(environment, interpreter="/usr/local/bin/python3.13")),
        key(environment=replace(environment, prefix="/opt/venv")),
        key(environment=replace(environment, python="3.12")),
    ]

    assert len(set(keys)) == len(keys)
    assert key() == keys[0]


def test_the_layer_of_one_wheel_does_not_depend_on_the_others(in_cache, environment, tools):
    big = in_cache({"big.bin": BIG}, name="big", compression=0)
    small = in_cache({"small.py": b""}, name="small")

    alone = dependency_layers([big], environment=environment, tools=tools).recipes[0]
    together = dependency_layers([big, small], environment=environment, tools=tools).recipes[0]

    assert alone.key == together.key


def test_layers_made_at_once_are_the_layers_made_one_by_one(in_cache, environment, tools, cache):
    wheels = [in_cache({f"m{n}.py": b"x = %d" % n, f"m{n}.bin": BIG}, name=f"m{n}", compression=0) for n in range(4)]
    recipes = dependency_layers(wheels, environment=environment, tools=tools).recipes
    with ThreadPoolExecutor(4) as threads:
        at_once = list(threads.map(DiskLayerCache(cache).layer, recipes))
    again = dependency_layers(wheels, environment=environment, tools=tools).recipes

    assert [layer.cached for layer in map(DiskLayerCache(cache).layer, again)] == [True] * 5
    for layer in at_once:
        cache.path(layer.descriptor.digest).unlink()
    one_by_one = [DiskLayerCache(cache).layer(recipe) for recipe in again]
    assert [layer.descriptor for layer in one_by_one] == [layer.descriptor for layer in at_once]


def test_the_same_file_in_two_wheels_is_no_matter(in_cache, environment, tools):
    wheels = [in_cache({"tests/__init__.py": b""}, name=name) for name in ("a", "b")]
    layers = dependency_layers(wheels, environment=environment, tools=tools)

    entries_of(layers.recipes[0])

    assert layers.cautions == ()


def test_of_two_different_files_the_later_wheel_wins_and_it_is_said(in_cache, environment, tools):
    first = in_cache({"shared.py": b"x = 1\n"}, name="a")
    second = in_cache({"shared.py": b"x = (\n"}, name="b")
    layers = dependency_layers([first, second], environment=environment, tools=tools)

    entries = entries_of(layers.recipes[0])

    assert content(entries[f"{SITE}/shared.py"]) == b"x = (\n"
    assert pyc(f"{SITE}/shared.py") not in entries
    assert [caution.what for caution in layers.cautions] == [
        f"a and b both bring /{SITE}/shared.py, with different content"
    ]


def test_an_overlap_between_layers_is_said_too(in_cache, environment, tools):
    big = in_cache({"big.bin": BIG, "shared.txt": b"1"}, name="big", compression=0)
    small = in_cache({"shared.txt": b"2"}, name="small")
    layers = dependency_layers([big, small], environment=environment, tools=tools)

    for recipe in layers.recipes:
        entries_of(recipe)

    assert "big and small both bring" in layers.cautions[0].what


def test_a_broken_wheel_fails_the_layer_by_name(in_cache, environment, tools, cache):
    wheel = in_cache({"demo.py": b"x"}, record={"demo.py": "sha256=AAAA"})
    recipe = dependency_layers([wheel], environment=environment, tools=replace(tools, compiler=None)).recipes[0]

    with pytest.raises(ArchiveError, match=r"demo-1\.0-py3-none-any\.whl: demo\.py has another hash"):
        DiskLayerCache(cache).layer(recipe)


def test_offline_a_wheel_that_is_not_there_is_named(in_cache, environment, tools, cache):
    wheel = replace(in_cache({"demo.py": b""}), urls=("https://files.example.test/demo-1.0-py3-none-any.whl",))
    cache.path(wheel.digest).unlink()
    recipe = dependency_layers([wheel], environment=environment, tools=tools).recipes[0]

    with pytest.raises(BuildError, match="may not be fetched offline"):
        list(recipe.entries())


def test_prefetching_fetches_the_wheels_of_the_layers_named(in_cache, environment, tools, cache, make_wheel):
    seen = []
    fetcher = WheelFetcher(cache, None, fetched=lambda wheel: seen.append(wheel.name))
    big = in_cache({"big.bin": BIG}, name="big", compression=0)
    small = in_cache({"small.py": b""}, name="small")
    layers = dependency_layers([big, small], environment=environment, tools=replace(tools, fetcher=fetcher))

    layers.prefetch(layers.recipes[:1])
    fetcher.close()

    assert seen == ["big"]
