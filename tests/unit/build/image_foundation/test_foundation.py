import json
from pathlib import Path

import pytest

from packer.build.foundation import Foundation
from packer.build.image_foundation.base_python import wanted_for_python
from packer.build.image_foundation.foundation import base_image, image_foundation
from packer.errors import ArchiveError, BuildError, UsageError
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64, Platform
from packer.oci.platform_images import PlatformImages
from packer.oci.reference import Reference
from packer.store.archive import write_archive
from packer.store.cache import DiskCache
from packer.store.layers import DiskLayerCache
from tests.unit.build.image_foundation.maker import GLIBC, MERGED_USR, layout, program, python
from tests.unit.store.layer_maker import PATH, image_of, link, stored, tar_of


@pytest.fixture
def cache(tmp_path: Path) -> DiskCache:
    return DiskCache(tmp_path / "cache")


class Maker:
    """Writes bases, and looks at them with a cache that has never seen them."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.cache = DiskCache(folder / "cache")

    def base(self, *members, environment=PATH, platform=LINUX_AMD64) -> str:
        layer = stored(self.cache, tar_of(members))
        return layout(self.folder / "layout", image_of([layer], environment=environment, platform=platform), self.cache)

    def look(
        self, wish: str, *, wanted: str | None = None, platform: Platform = LINUX_AMD64, host: Platform | None = None
    ) -> Foundation:
        cache = DiskCache(self.folder / "other")
        image = base_image(wish, platform, cache=cache, layers=DiskLayerCache(cache))
        return image_foundation(image, platform, python=wanted, cache=cache, host=host or LINUX_AMD64, where=wish)

    def describe(self, *members, wanted: str | None = None, environment=PATH) -> Foundation:
        return self.look(self.base(*members, environment=environment), wanted=wanted)


@pytest.fixture
def maker(tmp_path: Path) -> Maker:
    return Maker(tmp_path)


def test_a_base_is_described_by_its_files(maker):
    found = maker.describe(*MERGED_USR, *GLIBC, *python("3.12.4"))

    assert found.python == "/usr/local/bin/python3.12"
    assert found.python_version == "3.12.4"
    assert found.glibc == (2, 36)
    assert found.sonames == {"libc.so.6", "libz.so.1", "ld-linux-x86-64.so.2"}
    assert found.name == "layout"
    assert found.cautions == ()


def test_the_newest_python_on_the_path_is_taken_by_number(maker):
    found = maker.describe(*MERGED_USR, *GLIBC, *python("3.9.2", "usr"), *python("3.13.1", "usr"), *python("3.12.4"))

    assert found.python == "/usr/bin/python3.13"


def test_the_wanted_python_is_taken(maker):
    found = maker.describe(*MERGED_USR, *GLIBC, *python("3.13.1", "usr"), *python("3.12.4"), wanted="3.12")

    assert found.python_version == "3.12.4"


def test_a_python_that_is_not_there_is_refused_with_those_that_are(maker):
    with pytest.raises(BuildError, match=r"has Python 3\.12, but 3\.13 is wanted"):
        maker.describe(*MERGED_USR, *GLIBC, *python("3.12.4"), wanted="3.13")


def test_python_outside_of_the_path_does_not_count(maker):
    with pytest.raises(BuildError, match="no Python"):
        maker.describe(*MERGED_USR, *GLIBC, *python("3.12.4", "opt"))


def test_without_a_path_the_usual_folders_count(maker):
    assert maker.describe(*MERGED_USR, *GLIBC, *python(), environment=()).python == "/usr/local/bin/python3.12"


def test_an_environment_on_the_path_leads_to_the_python_that_it_is_made_of(maker):
    found = maker.describe(
        *MERGED_USR, *GLIBC, *python(),
        link("app/.venv/bin/python3.12", "/usr/local/bin/python3.12"),
        environment=(("PATH", "/app/.venv/bin:/usr/local/bin"),),
    )  # fmt: skip

    assert found.python == "/usr/local/bin/python3.12"
    assert "already has files in /app" in found.cautions[0].what


def test_an_interpreter_without_its_standard_library_does_not_count(maker):
    with pytest.raises(BuildError, match="no Python"):
        maker.describe(*MERGED_USR, *GLIBC, ("usr/bin/python3.12", program("libc.so.6")))


def test_musl_is_refused_by_name(maker):
    with pytest.raises(BuildError, match="musl") as caught:
        maker.describe(
            ("usr/bin/python3.12", program("libc.musl-x86_64.so.1", loader="/lib/ld-musl-x86_64.so.1")),
            ("usr/lib/python3.12/os.py", b""),
        )
    assert caught.value.where
    assert caught.value.hint


def test_the_version_is_that_of_the_program_rather_than_of_the_environment(maker):
    environment = (*PATH, ("PYTHON_VERSION", "3.12.99"))

    assert maker.describe(*MERGED_USR, *GLIBC, *python("3.12.4"), environment=environment).python_version == "3.12.4"


def test_the_environment_says_the_version_where_the_program_does_not(maker):
    members = (("usr/bin/python3.12", program("libc.so.6")), ("usr/lib/python3.12/os.py", b""))

    found = maker.describe(*MERGED_USR, *GLIBC, *members, environment=(*PATH, ("PYTHON_VERSION", "3.12.7")))

    assert found.python_version == "3.12.7"


def test_a_python_in_a_library_of_its_own_is_described(maker):
    found = maker.describe(
        *MERGED_USR, *GLIBC,
        ("usr/local/bin/python3.12", program("libpython3.12.so.1.0")),
        ("usr/local/lib/python3.12/os.py", b""),
        ("usr/local/lib/libpython3.12.so.1.0", program("libc.so.6", text=b"\x003.12.4\0")),
        ("etc/ld.so.conf.d/libc.conf", b"# local\n/usr/local/lib\n"),
    )  # fmt: skip

    assert found.python_version == "3.12.4"
    assert found.sonames is not None
    assert "libpython3.12.so.1.0" in found.sonames


def test_what_python_is_linked_with_must_be_there(maker):
    with pytest.raises(BuildError, match=r"lacks 'libgone\.so\.1'"):
        maker.describe(
            *MERGED_USR, *GLIBC, ("usr/bin/python3.12", program("libgone.so.1")), ("usr/lib/python3.12/os.py", b"")
        )


def test_names_from_the_base_cannot_write_to_the_terminal(maker):
    with pytest.raises(BuildError) as caught:
        maker.describe(
            *MERGED_USR, *GLIBC, ("usr/bin/python3.12", program("lib\x1b[2J.so")), ("usr/lib/python3.12/os.py", b"")
        )
    assert "\x1b" not in str(caught.value)


def test_a_program_for_another_processor_is_refused(maker):
    with pytest.raises(BuildError, match="aarch64"):
        maker.describe(
            *MERGED_USR, *GLIBC, ("usr/bin/python3.12", program("libc.so.6", machine=183)),
            ("usr/lib/python3.12/os.py", b""),
        )  # fmt: skip


def test_the_interpreter_is_unpacked_once_as_plain_files(maker):
    base = maker.base(*MERGED_USR, *GLIBC, *python(), link("usr/local/lib/python3.12/site.py", "/etc/site.py"),
                      link("usr/local/lib/python3.12/evil.py", "../../../../../../etc/passwd"))  # fmt: skip

    interpreter = maker.look(base).interpreter()

    assert interpreter is not None
    root = Path(interpreter.environment["PYTHONHOME"])
    assert root.is_relative_to(maker.folder)
    files = {str(path.relative_to(root)) for path in root.rglob("*") if not path.is_dir()}
    assert files == {
        "bin/python3.12", "lib/python3.12/os.py", "libraries/libc.so.6", "libraries/ld-linux-x86-64.so.2",
    }  # fmt: skip
    assert not any(path.is_symlink() for path in root.rglob("*"))
    assert interpreter.cache_tag == "cpython-312"
    (root / "mark").write_text("still here")
    maker.look(base).interpreter()
    assert (root / "mark").exists()


def test_on_another_platform_there_is_no_interpreter_and_a_caution(maker):
    found = maker.look(maker.base(*MERGED_USR, *GLIBC, *python()), host=LINUX_ARM64)

    assert found.interpreter() is None
    assert "no bytecode" in found.cautions[0].what


def test_what_was_found_is_remembered(maker, monkeypatch):
    base = maker.base(*MERGED_USR, *GLIBC, *python())
    first = maker.look(base)
    monkeypatch.setattr("packer.store.image_files.open_layer", None)

    second = maker.look(base)

    assert (second.python, second.python_version, second.sonames) == (first.python, first.python_version, first.sonames)


def test_the_locale_is_set_only_where_the_base_sets_none(maker, tmp_path):
    assert maker.describe(*MERGED_USR, *GLIBC, *python()).environment == (("LANG", "C.UTF-8"),)

    other = Maker(tmp_path / "second")
    with_locale = other.describe(*MERGED_USR, *GLIBC, *python(), environment=(*PATH, ("LANG", "de_AT.UTF-8")))
    assert with_locale.environment == ()


def test_an_archive_is_a_base_with_the_same_layers(maker, tmp_path):
    image = image_of([stored(maker.cache, tar_of([*MERGED_USR, *GLIBC, *python()]))])
    archive = tmp_path / "base.tar"
    write_archive(archive, PlatformImages((image,)), [Reference.parse("base:1")], maker.cache, host=LINUX_AMD64)

    found = maker.look(f"archive:{archive}")

    assert found.image is not None
    assert [layer.descriptor.digest for layer in found.image.layers] == [image.layers[0].descriptor.digest]
    assert found.image.digest == image.digest
    assert found.name == "base.tar"


def test_the_wrong_platform_is_refused(maker):
    with pytest.raises(ArchiveError, match="linux/arm64"):
        maker.look(maker.base(*GLIBC, *python(), platform=LINUX_ARM64))


def test_a_missing_blob_is_named(maker):
    wish = maker.base(*GLIBC, *python())
    folder = Path(wish.removeprefix("oci:"))
    index = json.loads((folder / "index.json").read_text())
    manifest = folder / "blobs" / index["manifests"][0]["digest"].replace(":", "/")
    layer = json.loads(manifest.read_text())["layers"][0]["digest"]
    (folder / "blobs" / layer.replace(":", "/")).unlink()

    with pytest.raises(ArchiveError, match=r"layer .* is missing"):
        maker.look(wish)


@pytest.mark.parametrize("wish", ["oci:nowhere", "archive:nowhere.tar"])
def test_what_is_not_there_is_said(maker, wish):
    with pytest.raises(UsageError, match="there is no such"):
        maker.look(wish)


def test_a_broken_layout_is_refused(maker, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "index.json").write_text("{")

    with pytest.raises(ArchiveError):
        maker.look(f"oci:{tmp_path / 'broken'}")


@pytest.mark.parametrize(
    ("path", "size", "wanted"),
    [
        ("usr/local/bin/python3.12", 1 << 20, True),
        ("usr/local/lib/python3.12/os.py", 100, True),
        ("usr/lib/x86_64-linux-gnu/libz.so.1", 100, True),
        ("usr/lib/x86_64-linux-gnu/libz.so.1", 1 << 30, False),
        ("usr/share/doc/python3", 100, False),
        ("usr/lib/python3.12/site-packages/x.py", 100, False),
    ],
)
def test_only_what_python_needs_is_unpacked(path, size, wanted):
    assert wanted_for_python(path, size) is wanted
