import csv
import io
import zipfile

import pytest

from packer.errors import ArchiveError
from packer.oci.entry import Entry
from packer.wheels.archive import WheelArchive
from packer.wheels.environment import VirtualEnvironment
from packer.wheels.install import lay_out

SITE = "app/.venv/lib/python3.13/site-packages"


def content(entry: Entry) -> bytes:
    if isinstance(entry.content, bytes):
        return entry.content
    with entry.content.open() as stream:
        return stream.read()


def laid_out(archive, environment: VirtualEnvironment, *, direct: bool = False) -> dict[str, Entry]:
    layout = lay_out(archive, environment, direct=direct)
    return {entry.path: entry for entry in (*layout.entries, layout.record(()))}


def rows(entry: Entry) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(entry).decode())))


def test_modules_go_to_site_packages(opened, environment):
    entries = laid_out(opened({"demo/__init__.py": b"x = 1\n", "demo/data.txt": b"hello"}), environment)

    assert content(entries[f"{SITE}/demo/__init__.py"]) == b"x = 1\n"
    assert entries[f"{SITE}/demo/data.txt"].mode == 0o644
    assert f"{SITE}/demo-1.0.dist-info/METADATA" in entries


def test_schemes_have_their_places(opened, environment):
    files = {
        "demo-1.0.data/purelib/pure.py": b"",
        "demo-1.0.data/platlib/plat.py": b"",
        "demo-1.0.data/scripts/tool": b"#!python\nprint(1)\n",
        "demo-1.0.data/headers/demo.h": b"",
        "demo-1.0.data/data/share/man/demo.1": b"",
    }

    entries = laid_out(opened(files), environment)

    for path in (
        f"{SITE}/pure.py",
        f"{SITE}/plat.py",
        "app/.venv/bin/tool",
        "app/.venv/include/site/python3.13/demo/demo.h",
        "app/.venv/share/man/demo.1",
    ):
        assert path in entries


def test_scripts_start_with_the_interpreter_of_the_image(opened, environment):
    files = {
        "demo-1.0.data/scripts/one": b"#!python\nprint(1)\n",
        "demo-1.0.data/scripts/two": b"#!pythonw -u\nprint(2)\n",
        "demo-1.0.data/scripts/three": b"#!/bin/sh\nexit 3\n",
        "demo-1.0.data/scripts/four": b"\x7fELF" + b"\0" * 600_000,
    }

    entries = laid_out(opened(files, entry_points="[console_scripts]\nfive = demo.cli:main.run\n"), environment)

    assert content(entries["app/.venv/bin/one"]) == b"#!/app/.venv/bin/python\nprint(1)\n"
    assert content(entries["app/.venv/bin/two"]) == b"#!/app/.venv/bin/python\nprint(2)\n"
    assert content(entries["app/.venv/bin/three"]) == b"#!/bin/sh\nexit 3\n"
    assert content(entries["app/.venv/bin/four"])[:4] == b"\x7fELF"
    five = content(entries["app/.venv/bin/five"])
    assert five.startswith(b"#!/app/.venv/bin/python\n")
    assert b"from demo.cli import main\n" in five
    assert {entries[f"app/.venv/bin/{name}"].mode for name in ("one", "two", "three", "four", "five")} == {0o755}


def test_a_script_that_is_an_entry_point_too_gives_way_to_it(opened, environment):
    files = {"demo-1.0.data/scripts/tool": b"#!python\nold()\n"}

    layout = lay_out(opened(files, entry_points="[console_scripts]\ntool = demo.cli:main\n"), environment, direct=False)

    scripts = [entry for entry in layout.entries if entry.path == "app/.venv/bin/tool"]
    assert len(scripts) == 1
    assert b"from demo.cli import main\n" in content(scripts[0])
    assert [row[0] for row in layout.rows].count("../../../bin/tool") == 1


def test_the_executable_bit_of_a_file_is_kept(opened, environment):
    entries = laid_out(opened({"demo/run": b"", "demo/x": b""}, executable=("demo/run",)), environment)

    assert (entries[f"{SITE}/demo/run"].mode, entries[f"{SITE}/demo/x"].mode) == (0o755, 0o644)


def test_record_is_sorted_complete_and_true(opened, environment):
    archive = opened({"b.py": b"", "a.py": b"1", "demo-1.0.data/scripts/tool": b"#!python\n"})
    layout = lay_out(archive, environment, direct=True)

    listed = rows(layout.record([f"/{SITE}/__pycache__/a.cpython-313.pyc"]))

    assert listed == sorted(listed)
    paths = [row[0] for row in listed]
    assert paths[0] == "../../../bin/tool"
    assert {"a.py", "b.py", "demo-1.0.dist-info/REQUESTED", "__pycache__/a.cpython-313.pyc"} < set(paths)
    assert ["__pycache__/a.cpython-313.pyc", "", ""] in listed
    assert ["demo-1.0.dist-info/RECORD", "", ""] in listed
    assert next(row for row in listed if row[0] == "a.py")[1:] == [
        "sha256=a4ayc_80_OGda4BO_1o_V0etpOqiLx1JwB5S3beHW0s",
        "1",
    ]


def test_pack_says_that_it_is_the_installer(opened, environment):
    entries = laid_out(opened({"demo.py": b""}), environment)

    assert content(entries[f"{SITE}/demo-1.0.dist-info/INSTALLER"]) == b"pack\n"


@pytest.mark.parametrize("direct", [True, False])
def test_only_what_was_asked_for_is_marked_as_requested(opened, environment, direct):
    entries = laid_out(opened({"demo.py": b""}), environment, direct=direct)

    assert (f"{SITE}/demo-1.0.dist-info/REQUESTED" in entries) is direct


def test_files_of_another_installer_and_bytecode_in_the_wheel_are_left_out(opened, environment):
    files = {
        "demo.py": b"",
        "__pycache__/demo.cpython-313.pyc": b"evil",
        "demo-1.0.dist-info/INSTALLER": b"pip",
        "demo-1.0.dist-info/direct_url.json": b"{}",
    }

    entries = laid_out(opened(files), environment)

    assert content(entries[f"{SITE}/demo-1.0.dist-info/INSTALLER"]) == b"pack\n"
    assert not any("__pycache__" in path or "direct_url" in path for path in entries)


def test_modules_to_compile_are_those_that_can_be_imported(opened, environment):
    archive = opened(
        {"demo.py": b"", "demo-1.0.data/platlib/x.py": b"", "demo-1.0.data/scripts/t.py": b"", "y.txt": b""}
    )

    sources = lay_out(archive, environment, direct=False).sources

    assert [path for path, _ in sources] == [f"/{SITE}/demo.py", f"/{SITE}/x.py"]


def test_content_is_verified_when_it_is_read_not_before(opened, environment):
    archive = opened({"demo.py": b"x = 1"}, record={"demo.py": "sha256=AAAA"})

    entries = laid_out(archive, environment)

    with pytest.raises(ArchiveError, match=r"demo\.py has another hash than its RECORD says"):
        content(entries[f"{SITE}/demo.py"])


def test_a_file_that_record_does_not_list_is_installed_without_a_hash(opened, environment, tmp_path):
    archive = opened({"demo.py": b""})
    with zipfile.ZipFile(archive.path, "a") as wheel:
        wheel.writestr("extra.py", b"1")
    archive = type(archive)(archive.path, archive.label)

    layout = lay_out(archive, environment, direct=False)

    assert ["extra.py", "", ""] in rows(layout.record(()))


@pytest.mark.parametrize(
    ("files", "more", "message"),
    [
        pytest.param({"demo-1.0.data/data/bin/python": b""}, {}, "environment's own bin/python", id="interpreter"),
        pytest.param({"demo-1.0.data/scripts/python3.13": b""}, {}, "environment's own", id="script"),
        pytest.param({"demo-1.0.data/data/pyvenv.cfg": b""}, {}, "environment's own pyvenv.cfg", id="config"),
        pytest.param({"demo-1.0.data/surprise/x": b""}, {}, "valid .data subdirectory", id="scheme"),
        pytest.param({"a.py": b"", "demo-1.0.data/purelib/a.py": b""}, {}, "two files", id="twice"),
        pytest.param({"other-1.0.dist-info/X": b""}, {}, "one .dist-info folder", id="dist-infos"),
        pytest.param({"a.py": b""}, {"record": {"a.py": "md5=AAAA"}}, "the least is sha256", id="weak-hash"),
        pytest.param({"a.py": b""}, {"record": {"a.py": "nonsense"}}, "cannot be installed", id="no-hash"),
        pytest.param({}, {"entry_points": "[console_scripts]\n../../x = a:b\n"}, "a script is called", id="name"),
        pytest.param({}, {"entry_points": "[console_scripts]\nx = a.:b\n"}, "the script x calls", id="call"),
        pytest.param({}, {"entry_points": "[console_scripts]\nx = a\n"}, "cannot be read", id="attribute"),
        pytest.param({}, {"entry_points": "[console_scripts]\nx = a:b\nx = a:c\n"}, "already exists", id="repeated"),
        pytest.param({}, {"entry_points": "x = y\n"}, "no section", id="ini"),
    ],
)
def test_a_wheel_that_breaks_the_rules_is_refused_by_name(opened, environment, files, more, message):
    archive = opened(files, **more)

    with pytest.raises(ArchiveError, match=message) as caught:
        lay_out(archive, environment, direct=False)

    assert "demo-1.0-py3-none-any.whl cannot be installed" in caught.value.what


def test_a_wheel_without_metadata_is_refused(tmp_path, environment):
    path = tmp_path / "demo-1.0-py3-none-any.whl"
    with zipfile.ZipFile(path, "w") as wheel:
        wheel.writestr("demo-1.0.dist-info/WHEEL", "Wheel-Version: 2.0\n")

    with pytest.raises(ArchiveError, match="cannot be installed"):
        lay_out(WheelArchive(path, path.name), environment, direct=False)


def test_the_environment_points_at_the_base(environment):
    entries = {entry.path: entry for entry in environment.entries()}

    assert entries["app/.venv/bin/python3.13"].target == "/usr/bin/python3.13"
    assert {"app/.venv/bin/python", "app/.venv/bin/python3"} < set(entries)
    assert entries["app/.venv/pyvenv.cfg"].content == (
        b"home = /usr/bin\ninclude-system-site-packages = false\nversion = 3.13.5\n"
    )
