"""Building wheels, with a stand-in for uv that does what each test says."""

import io
import json
import os
import platform
import shutil
import subprocess
import sys
import tarfile
import zipfile
from pathlib import Path

import pytest
from msgspec.structs import replace

from packer.errors import ArchiveError, BuildError, TransientError
from packer.oci.digest import Digest
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from packer.wheels.checkout import check_out, lay_archive
from packer.wheels.model import SourceOnly
from packer.wheels.sdists import SourceTools, build_wheels
from packer.wheels.target import Target
from packer.wheels.uv import Uv
from tests.unit.wheels.conftest import wheel_bytes

STAND_IN = """
import json, os, pathlib, shutil, sys
arguments = sys.argv[1:]
out = pathlib.Path(arguments[arguments.index("--out-dir") + 1])
limits = ""
if "--build-constraints" in arguments:
    limits = pathlib.Path(arguments[arguments.index("--build-constraints") + 1]).read_text().strip()
call = {"limits": limits, "cc": os.environ.get("CC", ""), "python": arguments[arguments.index("--python") + 1],
        "epoch": os.environ.get("SOURCE_DATE_EPOCH"), "place": arguments[arguments.index("--no-progress") - 1]}
with open(HERE + "/calls", "a") as log:
    log.write(json.dumps(call) + "\\n")
answer = ANSWERS(call)
if answer is None:
    out.mkdir(parents=True, exist_ok=True)
elif answer.endswith(".whl"):
    out.mkdir(parents=True, exist_ok=True)
    shutil.copy(HERE + "/built.whl", out / answer)
else:
    sys.stderr.write(answer)
    sys.exit(2)
"""


@pytest.fixture
def workshop(tmp_path: Path, cache, fetcher):
    """Makes tools whose uv answers by a Python expression over `call`."""

    def make(answers: str, *, native: bool = False) -> tuple[SourceTools, Path]:
        files = {"demo.py": b"", **({"demo.so": b"\x7fELF"} if native else {})}
        (tmp_path / "built.whl").write_bytes(wheel_bytes(files))
        script = tmp_path / "uv.py"
        script.write_text(f"HERE = {str(tmp_path)!r}\nANSWERS = lambda call: {answers}\n{STAND_IN}")
        uv = Uv.of_user({"PATH": os.environ["PATH"], "PIP_CONFIG_FILE": os.devnull})
        uv = replace(uv, command=(sys.executable, str(script)))
        return SourceTools(cache=cache, fetcher=fetcher, uv=uv), tmp_path / "calls"

    return make


@pytest.fixture
def source(cache) -> SourceOnly:
    return SourceOnly(
        name="demo",
        version="1.0",
        kind="sdist",
        url="https://files.example.test/demo-1.0.tar.gz",
        digest=cache.add(io.BytesIO(b"an sdist")),
        direct=True,
    )


def calls(log: Path) -> list[dict]:
    return [json.loads(line) for line in log.read_text().splitlines()]


FAILED = "'error: Failed to build `demo`\\n  ImportError: cannot import name pkg_resources from setuptools'"
BROKEN = "'error: Failed to build `demo`\\n  fatal error: mysql.h: No such file'"


def test_a_pure_wheel_is_built_kept_and_known_again(workshop, source, target):
    tools, log = workshop("'demo-1.0-py3-none-any.whl'")

    (first,) = build_wheels([source], target, tools)
    (second,) = build_wheels([source], target, tools)

    assert first == second
    assert (first.filename, first.urls, first.direct) == ("demo-1.0-py3-none-any.whl", (), True)
    assert tools.cache.path(first.digest) is not None
    assert [(call["python"], call["epoch"]) for call in calls(log)] == [("3.13", "315532800")]


def test_a_pure_wheel_serves_a_processor_that_this_machine_has_not(workshop, source, target):
    tools, _ = workshop("'demo-1.0-py2.py3-none-any.whl'")

    assert build_wheels([source], replace(target, platform=LINUX_ARM64), tools)[0].name == "demo"


def test_another_python_serves_when_the_targets_is_not_here(workshop, source, target):
    tools, log = workshop("'demo-1.0-py3-none-any.whl' if '/' in call['python'] else 'error: No interpreter found'")

    build_wheels([source], target, tools)

    assert [call["python"] for call in calls(log)] == ["3.13", sys.executable]


def test_an_older_setuptools_is_tried_for_old_sources(workshop, source, target):
    tools, log = workshop(f"'demo-1.0-py3-none-any.whl' if call['limits'] == 'setuptools<58' else {FAILED}")

    build_wheels([source], target, tools)

    assert [call["limits"] for call in calls(log)] == ["", "setuptools<81", "setuptools<58"]


def test_without_a_fitting_native_wheel_one_without_native_code_is_asked_for(workshop, source, target):
    tools, _ = workshop("'demo-1.0-py3-none-any.whl' if call['cc'] else 'demo-1.0-cp38-cp38-linux_x86_64.whl'")

    assert build_wheels([source], target, tools)[0].filename == "demo-1.0-py3-none-any.whl"


def test_a_platform_tag_on_a_wheel_without_native_code_does_not_matter(workshop, source, target):
    tools, _ = workshop("'demo-1.0-cp38-cp38-linux_x86_64.whl'")

    assert build_wheels([source], target, tools)[0].filename == "demo-1.0-py3-none-any.whl"


def test_native_code_for_another_python_is_refused_with_advice(workshop, source, target):
    tools, _ = workshop("'demo-1.0-cp38-cp38-linux_x86_64.whl'", native=True)
    old = ("demo-1.0-cp39-cp39-manylinux_2_17_x86_64.whl", "demo-1.0-cp312-cp312-manylinux_2_17_x86_64.whl")

    with pytest.raises(BuildError) as caught:
        build_wheels([replace(source, wheels=old)], target, tools)

    assert caught.value.what.startswith("demo 1.0 has no wheel for Python 3.13 on linux/amd64")
    assert "--python 3.12" in (caught.value.hint or "")


def test_native_code_for_this_machine_is_taken(workshop, source):
    if platform.libc_ver()[0] != "glibc" or platform.machine() != "x86_64":
        pytest.skip("this machine is not like the images")
    here = Target(python="3.13", platform=LINUX_AMD64, glibc=(2, 999))
    tools, _ = workshop("'demo-1.0-cp313-cp313-linux_x86_64.whl'", native=True)

    assert build_wheels([source], here, tools)[0].filename == "demo-1.0-cp313-cp313-linux_x86_64.whl"
    with pytest.raises(BuildError, match="does not fit"):
        build_wheels([source], replace(here, glibc=(2, 17)), tools)


def test_a_source_that_does_not_build_is_named_with_the_reason_and_a_replacement(workshop, source, target):
    tools, log = workshop(BROKEN)

    with pytest.raises(BuildError) as caught:
        build_wheels([replace(source, name="mysqlclient")], target, tools)

    assert "mysqlclient 1.0 has no wheel" in caught.value.what
    assert "mysql.h" in caught.value.what
    assert "use PyMySQL" in (caught.value.hint or "")
    assert not any(call["limits"] for call in calls(log))


def test_a_network_failure_is_not_the_sources_fault(workshop, source, target):
    tools, _ = workshop("'error: Failed to fetch: `https://index.example.test`\\n  cause: dns error'")

    with pytest.raises(TransientError):
        build_wheels([source], target, tools)


def archive_of(kind: str, *members: str) -> bytes:
    stream = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(stream, "w") as archive:
            for name in members:
                archive.writestr(name, "x")
    else:
        with tarfile.open(fileobj=stream, mode=f"w:{kind}") as archive:
            for name in members:
                archive.addfile(tarfile.TarInfo(name), io.BytesIO())
    return stream.getvalue()


def laid(tmp_path: Path, content: bytes, url: str, **more) -> Path:
    file = tmp_path / "blob"
    file.write_bytes(content)
    folder = tmp_path / "folder"
    folder.mkdir()
    source = SourceOnly(name="demo", version="1.0", kind="archive", url=url, digest=Digest.of(content), **more)
    return lay_archive(source, file, folder)


@pytest.mark.parametrize("kind", ["zip", "gz", "bz2", "xz"])
def test_archives_of_all_kinds_are_unpacked_to_their_project(tmp_path, kind):
    place = laid(tmp_path, archive_of(kind, "demo-1.0/setup.py"), "https://files.example.test/demo.archive")

    assert (place / "setup.py").is_file()


def test_a_subdirectory_is_found_and_may_not_lead_out(tmp_path):
    content = archive_of("zip", "top/inner/setup.py")

    assert (laid(tmp_path, content, "https://e.test/x.zip", subdirectory="inner") / "setup.py").is_file()
    shutil.rmtree(tmp_path / "folder")
    with pytest.raises(ArchiveError, match="has no folder"):
        laid(tmp_path, content, "https://e.test/x.zip", subdirectory="../../..")


@pytest.mark.parametrize(
    "content",
    [b"", b"nonsense", archive_of("gz", "../../evil.py"), archive_of("gz", "/abs.py")],
    ids=["empty", "nonsense", "parent", "absolute"],
)
def test_a_broken_or_hostile_archive_is_refused_by_name(tmp_path, content):
    with pytest.raises(ArchiveError) as caught:
        laid(tmp_path, content, "https://e.test/x.tar.gz")

    assert caught.value.where == "x.tar.gz"
    assert not (tmp_path / "evil.py").exists()


@pytest.mark.skipif(shutil.which("git") is None, reason="git is not installed")
def test_a_repository_is_checked_out_at_its_commit(tmp_path):
    repository = tmp_path / "repository"
    repository.mkdir()
    identity = {"GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.test", "GIT_CONFIG_GLOBAL": os.devnull}
    environment = {
        **identity,
        "PATH": os.environ["PATH"],
        "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.test",
    }

    def git(*arguments: str) -> str:
        command = ["git", "-c", "init.defaultBranch=main", *arguments]
        return subprocess.run(command, cwd=repository, env=environment, check=True, capture_output=True).stdout.decode()

    git("init", "--quiet")
    (repository / "setup.py").write_text("one")
    git("add", ".")
    git("commit", "--quiet", "-m", "one")
    revision = git("rev-parse", "HEAD").strip()
    (repository / "setup.py").write_text("two")
    git("commit", "--quiet", "-am", "two")
    git("config", "uploadpack.allowAnySHA1InWant", "true")
    source = SourceOnly(name="demo", version="", kind="git", url=repository.as_uri(), revision=revision)
    folder = tmp_path / "folder"
    folder.mkdir()

    assert (check_out(source, folder, environment) / "setup.py").read_text() == "one"
    shutil.rmtree(folder)
    folder.mkdir()
    with pytest.raises(BuildError, match="does not give 0123"):
        check_out(replace(source, revision="0123" * 10), folder, environment)


@pytest.mark.parametrize(
    ("url", "revision"), [("ext::sh -c id", "abc"), ("https://e.test/x", "--upload-pack=id"), ("-x", "abc")]
)
def test_a_repository_that_means_harm_is_refused(tmp_path, url, revision):
    source = SourceOnly(name="demo", version="", kind="git", url=url, revision=revision)

    with pytest.raises(BuildError, match="cannot be read"):
        check_out(source, tmp_path, {})
