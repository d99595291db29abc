import tarfile
import tracemalloc
from pathlib import Path

import pytest

from packer.errors import ArchiveError, BuildError, TrustError
from packer.oci.descriptor import MEDIA_TYPE_LAYER_ZSTD
from packer.oci.digest import Digest
from packer.oci.layer import Layer
from packer.store.blobs import stored_blob
from packer.store.cache import DiskCache
from packer.store.file_tree import FileTree
from packer.store.image_files import ImageFiles
from packer.store.layer_tar import Allowance, open_layer
from tests.unit.store.layer_maker import link, stored, tar_of


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


def is_library(path: str, size: int) -> bool:
    return path.endswith(".so")


def tree(cache: DiskCache, *layers: list) -> FileTree:
    return ImageFiles(tuple(stored(cache, tar_of(members)) for members in layers), cache, wanted=is_library).tree()


def text(made: FileTree, path: str) -> bytes:
    file = made.file(path)
    assert file is not None
    assert file.content is not None
    with file.content.open() as stream:
        return stream.read()


def test_later_layers_lie_over_earlier_ones(cache):
    made = tree(cache, [("lib/a.so", b"old"), ("lib/b.so", b"b")], [("lib/a.so", b"new")])

    assert text(made, "lib/a.so") == b"new"
    assert text(made, "lib/b.so") == b"b"


def test_a_whiteout_hides_what_lies_below_with_everything_in_it(cache):
    made = tree(cache, [("a/x/y.so", b""), ("a/z.so", b"")], [("a/.wh.x", b"")])

    assert made.names("a") == ["z.so"]


def test_an_opaque_folder_hides_lower_layers_only_wherever_its_mark_stands(cache):
    made = tree(cache, [("a/old.so", b"")], [("a/new.so", b""), ("a/.wh..wh..opq", b"")])

    assert made.names("a") == ["new.so"]


def test_a_hard_link_is_the_file_of_its_own_or_a_lower_layer(cache):
    made = tree(
        cache,
        [("a.so", b"1")],
        [link("b.so", "a.so", kind=tarfile.LNKTYPE), link("c.so", "gone", kind=tarfile.LNKTYPE)],
    )

    assert text(made, "b.so") == b"1"
    assert made.find("c.so") is None


def test_a_device_hides_what_was_there_and_is_nothing_itself(cache):
    device = tarfile.TarInfo("a.so")
    device.type = tarfile.CHRTYPE

    assert tree(cache, [("a.so", b"1")], [device]).find("a.so") is None


def test_content_that_nobody_wants_is_not_kept(cache):
    file = tree(cache, [("usr/share/doc", b"text")]).file("usr/share/doc")

    assert file is not None
    assert (file.size, file.content) == (4, None)


def test_absolute_names_are_below_the_root(cache):
    assert text(tree(cache, [("/lib/a.so", b"1")]), "lib/a.so") == b"1"


@pytest.mark.parametrize(
    "member",
    [
        pytest.param(("../evil.so", b""), id="above"),
        pytest.param(("a/../../evil.so", b""), id="above-on-the-way"),
        pytest.param(link("a", "../evil", kind=tarfile.LNKTYPE), id="hard-link-above"),
        pytest.param(link("a", "x" * 5000), id="long-link"),
        pytest.param(("x/" * 3000, b""), id="long-path"),
    ],
)
def test_unsafe_members_are_refused(cache, member):
    with pytest.raises(ArchiveError, match="is refused"):
        tree(cache, [member])


def test_a_plain_layer_is_read(cache):
    layer = stored(cache, tar_of([("a.so", b"1")]), compressed=False)

    assert text(ImageFiles((layer,), cache, wanted=is_library).tree(), "a.so") == b"1"


def test_a_layer_that_is_not_what_the_config_says_is_refused(cache):
    layer = stored(cache, tar_of([("a.so", b"1")]), diff_id=Digest.of(b"other"))

    with pytest.raises(TrustError, match="diff ID"):
        ImageFiles((layer,), cache, wanted=is_library).tree()


def test_a_layer_that_is_gone_is_named(cache):
    layer = stored(cache, tar_of([]))
    path = cache.path(layer.descriptor.digest)
    assert path is not None
    path.unlink()

    with pytest.raises(BuildError, match="no longer in the cache"):
        ImageFiles((layer,), cache, wanted=is_library).tree()


def test_zstd_is_read_or_refused_with_the_way_out(cache):
    layer = stored(cache, b"\x28\xb5\x2f\xfd broken", compressed=False, media_type=MEDIA_TYPE_LAYER_ZSTD)

    with pytest.raises(ArchiveError, match=r"zstd|damaged"):
        ImageFiles((layer,), cache, wanted=is_library).tree()


@pytest.mark.parametrize("cut", [5, 40, 700])
def test_a_layer_cut_short_is_damaged(cache, cut):
    whole = tar_of([("a.so", bytes(range(256)) * 8)])

    with pytest.raises(ArchiveError):
        ImageFiles((stored(cache, whole[:cut], diff_id=Digest.of(whole)),), cache, wanted=is_library).tree()


@pytest.mark.parametrize("content", [b"no tar at all" * 100, b"\0" * 100 + b"x" * 600])
def test_what_is_no_tar_is_damaged(cache, content):
    with pytest.raises(ArchiveError):
        ImageFiles((stored(cache, content, diff_id=Digest.of(b"")),), cache, wanted=is_library).tree()


def read_with(layer: Layer, cache: DiskCache, allowance: Allowance) -> None:
    with open_layer(layer, stored_blob(cache, layer.descriptor), allowance) as members:
        for _ in members:
            pass


def test_a_bomb_is_stopped_at_its_allowance(cache):
    bomb = stored(cache, tar_of([("zeros", bytes(8 << 20))]))

    with pytest.raises(ArchiveError, match="unpacks to more than"):
        read_with(bomb, cache, Allowance(size=1 << 20))


def test_too_many_members_are_refused(cache):
    layer = stored(cache, tar_of([(f"{number}", b"") for number in range(20)]))

    with pytest.raises(ArchiveError, match="more than 10 files"):
        read_with(layer, cache, Allowance(members=10))


def test_a_header_that_would_fill_the_memory_is_refused(cache):
    header = tarfile.TarInfo("pax")
    header.type, header.size = tarfile.XHDTYPE, 64 << 20
    layer = stored(cache, header.tobuf(tarfile.USTAR_FORMAT) + bytes(64 << 20))

    tracemalloc.start()
    try:
        with pytest.raises(ArchiveError, match="header with a size"):
            ImageFiles((layer,), cache, wanted=is_library).tree()
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()


def test_many_large_files_take_little_memory(cache):
    layer = stored(cache, tar_of([(f"lib{number}.so", bytes(4 << 20)) for number in range(16)]))

    tracemalloc.start()
    try:
        ImageFiles((layer,), cache, wanted=is_library).tree()
        assert tracemalloc.get_traced_memory()[1] < 16 << 20
    finally:
        tracemalloc.stop()
