"""uv itself, offline, on an index that is a folder of tiny wheels."""

import hashlib
import json
import os
from pathlib import Path
from typing import ClassVar

import pytest
from msgspec.structs import replace

from packer.errors import BuildError, LockError, UsageError
from packer.oci.digest import Digest
from packer.plan.model import DependencyPlan
from packer.store.cache import DiskCache
from packer.store.shared_records import SharingCache
from packer.wheels.choice import choose_wheels
from packer.wheels.lock import resolve
from packer.wheels.request import ResolveRequest
from packer.wheels.select import parse_lock
from packer.wheels.uv import Uv


class CountingUv(Uv):
    """uv that counts how often it runs."""

    runs: ClassVar[list] = []  # emptied by the fixture

    def run(self, *arguments, **more):
        self.runs.append(arguments)
        return super().run(*arguments, **more)


@pytest.fixture
def project(tmp_path: Path) -> Path:
    root = tmp_path / "project"
    root.mkdir()
    return root


@pytest.fixture
def uv(tmp_path: Path, make_wheel) -> Uv:
    make_wheel({"base.py": b""}, name="base", version="1.0")
    make_wheel({"base.py": b""}, name="base", version="2.0")
    make_wheel(
        {"flasky.py": b""}, name="flasky", version="3.0", requires=("base>=1.0", "winonly; sys_platform=='win32'")
    )
    make_wheel({"guni.py": b""}, name="guni", version="22.0", requires=("base<2",))
    make_wheel({"guni.py": b""}, name="guni", version="23.0", requires=("base>=2",))
    make_wheel({"winonly.py": b""}, name="winonly", version="1.0")
    environment = {
        "PATH": os.environ["PATH"],
        "UV_CACHE_DIR": str(tmp_path / "uv-cache"),
        "UV_FIND_LINKS": str(tmp_path / "wheels"),
        "PIP_NO_INDEX": "1",
        "PIP_CONFIG_FILE": os.devnull,
    }
    CountingUv.runs.clear()
    made = Uv.of_user(environment, offline=True)
    return CountingUv(environment=made.environment, indexes=made.indexes, offline=True)


def plan(*requirements: str, **more) -> DependencyPlan:
    return DependencyPlan(**{"lock": None, "lock_format": None, "files": (), "requirements": requirements, **more})


@pytest.fixture
def locked(project, target, cache, uv):
    def run(dependencies: DependencyPlan, *, for_target=target, **more) -> dict[str, str]:
        request = ResolveRequest(root=project, dependencies=dependencies, python="3.13", target=for_target, **more)
        lock = parse_lock(resolve(request, cache=cache, uv=uv), where="x")
        return {package.name: str(package.version) for package in lock.packages}

    return run


def sha_of(tmp_path: Path, filename: str) -> str:
    return hashlib.sha256((tmp_path / "wheels" / filename).read_bytes()).hexdigest()


def test_requirements_are_resolved_for_the_target(locked):
    assert locked(plan("flasky")) == {"base": "2.0", "flasky": "3.0"}


def test_what_pack_adds_is_resolved_with_the_rest(locked):
    assert locked(plan("flasky", added=("guni<23",))) == {"base": "1.0", "flasky": "3.0", "guni": "22.0"}


def test_advice_gives_way_where_it_contradicts_the_project(locked):
    assert locked(plan("flasky", "base==2.0", advice=("base<2",)))["base"] == "2.0"
    assert locked(plan("flasky", advice=("base<2",)))["base"] == "1.0"


def test_pins_that_contradict_each_other_are_taken_as_they_are_and_told(project, uv, target, cache):
    request = ResolveRequest(
        root=project, dependencies=plan("guni==22.0", "base==2.0", added=("flasky",)), python="3.13", target=target
    )

    chosen = choose_wheels(request, direct=frozenset(), cache=cache, uv=uv)

    assert {wheel.name: wheel.version for wheel in chosen.wheels} == {"base": "2.0", "flasky": "3.0", "guni": "22.0"}
    assert "base" in chosen.remarks[0]


def test_a_pin_that_the_index_does_not_have_gives_way_and_is_told(project, uv, target, cache):
    request = ResolveRequest(root=project, dependencies=plan("base==1.7", "flasky"), python="3.12", target=target)
    selection = choose_wheels(request, direct=frozenset(), cache=cache, uv=uv)
    assert [(one.name, one.version) for one in selection.wheels] == [("base", "2.0"), ("flasky", "3.0")]
    [remark] = selection.remarks
    assert remark == "base 1.7 cannot be had for this Python: >=1.7 is used"


def test_a_release_without_a_wheel_is_passed_over_where_only_wheels_are_wanted(project, uv, target, cache, tmp_path):
    (tmp_path / "wheels" / "base-1.5.tar.gz").write_bytes(b"no source that builds")
    open_plan = plan("base==1.5", "flasky", wheels_only=("base",))
    request = ResolveRequest(root=project, dependencies=open_plan, python="3.12", target=target)
    selection = choose_wheels(request, direct=frozenset(), cache=cache, uv=uv)
    assert [(one.name, one.version) for one in selection.wheels] == [("base", "2.0"), ("flasky", "3.0")]
    assert selection.remarks == ("base 1.5 cannot be had for this Python: >=1.5 is used",)


def test_a_pin_below_what_another_pin_needs_is_lifted_and_told(project, uv, target, cache):
    request = ResolveRequest(root=project, dependencies=plan("base==1.0", "guni==23.0"), python="3.12", target=target)
    selection = choose_wheels(request, direct=frozenset(), cache=cache, uv=uv)
    assert [(one.name, one.version) for one in selection.wheels] == [("base", "2.0"), ("guni", "23.0")]
    assert selection.remarks == ("base 1.0 is below what others need: >=2,<3 is used",)


def test_advice_holds_where_pins_are_lifted(project, uv, target, cache, make_wheel):
    open_plan = plan("base==1.0", "guni==23.0", "flasky", added=("more",), advice=("more<2",))
    make_wheel({"more.py": b""}, name="more", version="1.0")
    make_wheel({"more.py": b""}, name="more", version="2.0")
    request = ResolveRequest(root=project, dependencies=open_plan, python="3.12", target=target)
    selection = choose_wheels(request, direct=frozenset(), cache=cache, uv=uv)
    assert {"base 2.0", "more 1.0"} <= {f"{one.name} {one.version}" for one in selection.wheels}


def test_what_is_brought_along_and_fails_with_its_partner_is_kept_from_it(project, uv, target, cache, make_wheel):
    make_wheel({"web.py": b""}, name="web", version="1.0", requires=("jinja2<3",))
    make_wheel({"jinja2.py": b""}, name="jinja2", version="2.11", requires=("markupsafe",))
    for version in ("2.0", "3.0"):
        make_wheel({"markupsafe.py": b""}, name="markupsafe", version=version)
    request = ResolveRequest(root=project, dependencies=plan("web==1.0"), python="3.13", target=target)

    selection = choose_wheels(request, direct=frozenset(), cache=cache, uv=uv)

    assert ("markupsafe", "2.0") in {(one.name, one.version) for one in selection.wheels}
    assert selection.partners == ("markupsafe<2.1",)


def test_a_partner_that_the_project_names_itself_is_left_to_it(locked, make_wheel):
    make_wheel({"jinja2.py": b""}, name="jinja2", version="2.11", requires=("markupsafe",))
    for version in ("2.0", "3.0"):
        make_wheel({"markupsafe.py": b""}, name="markupsafe", version=version)

    assert locked(plan("jinja2==2.11", "markupsafe>=2"))["markupsafe"] == "3.0"


def test_what_the_project_itself_provides_is_never_taken_from_an_index(locked):
    assert "base" not in locked(plan("flasky", provided=("base",)))


def test_a_limit_that_is_outlived_does_not_count(locked):
    assert locked(plan("guni==22.0", overrides=("base>=2",))) == {"base": "2.0", "guni": "22.0"}


def test_a_contradiction_without_pins_is_an_error(locked):
    with pytest.raises(BuildError, match="base"):
        locked(plan("guni>=23", "base<2"))


def test_constraints_hold(locked):
    assert locked(plan("flasky", constraints=("base<2",)))["base"] == "1.0"


def test_the_versions_of_an_earlier_lock_are_kept(locked, project, target, cache, uv):
    request = ResolveRequest(
        root=project, dependencies=plan("flasky", constraints=("base<2",)), python="3.13", target=target
    )
    earlier = resolve(request, cache=cache, uv=uv)

    assert locked(plan("flasky", "winonly"), previous=earlier) == {"base": "1.0", "flasky": "3.0", "winonly": "1.0"}


def test_a_universal_lock_holds_for_every_platform(locked):
    assert "winonly" in locked(plan("flasky"), for_target=None)


def test_the_same_inputs_start_uv_once(locked, uv):
    first = locked(plan("flasky"))
    second = locked(plan("flasky"))

    assert first == second
    assert len(uv.runs) == 1


def test_a_changed_file_of_the_closure_resolves_again(locked, project, uv):
    (project / "requirements.txt").write_text("flasky\n")
    locked(plan("flasky", files=("requirements.txt",)))
    (project / "requirements.txt").write_text("flasky # now\n")
    locked(plan("flasky", files=("requirements.txt",)))
    locked(plan("flasky", files=("requirements.txt",)), refresh=True)

    assert len(uv.runs) == 3


def test_the_choice_of_wheels_is_remembered_too(project, target, cache, uv):
    request = ResolveRequest(root=project, dependencies=plan("flasky"), python="3.13", target=target)

    first = choose_wheels(request, direct=frozenset({"flasky"}), cache=cache, uv=uv)
    record = next(path for path in (cache.root / "records" / "selection").rglob("*") if path.is_file())
    second = choose_wheels(request, direct=frozenset({"flasky"}), cache=cache, uv=uv)
    record.write_bytes(b"{}")
    third = choose_wheels(request, direct=frozenset({"flasky"}), cache=cache, uv=uv)

    assert first == second == third
    assert [(wheel.name, wheel.direct) for wheel in first.wheels] == [("base", False), ("flasky", True)]
    assert len(uv.runs) == 1


def test_a_conflict_is_explained_in_a_sentence(locked):
    with pytest.raises(BuildError) as caught:
        locked(plan("flasky", "base<2", "guni>=23", files=("requirements.txt",)))

    assert "depends on base>=2 and you require base<2" in caught.value.what
    assert caught.value.what.endswith("no version fits")
    assert caught.value.where == "requirements.txt"
    assert "requirements named above" in (caught.value.hint or "")


def test_an_unknown_distribution_is_named(locked):
    with pytest.raises(BuildError, match="nosuchthing"):
        locked(plan("nosuchthing"))


def test_hashed_requirements_are_followed_to_the_letter(locked, tmp_path, uv):
    hashes = (("base", (f"sha256:{sha_of(tmp_path, 'base-1.0-py3-none-any.whl')}",)),)

    assert locked(plan("base==1.0", lock="r.txt", lock_format="requirements", hashes=hashes)) == {"base": "1.0"}


def test_a_file_whose_hash_the_lock_does_not_list_is_refused(locked):
    hashes = (("base", ("sha256:" + "0" * 64,)),)

    with pytest.raises(LockError, match=r"no file of base 1\.0 has a hash that the lock lists"):
        locked(plan("base==1.0", lock="r.txt", lock_format="requirements", hashes=hashes))


def test_pins_that_contradict_each_other_are_taken_as_they_are(locked):
    pins = plan("guni==22.0", "base==2.0", lock="r.txt", lock_format="requirements")

    assert locked(pins) == {"base": "2.0", "guni": "22.0"}


def pipfile_lock(project: Path, tmp_path: Path, **entries) -> DependencyPlan:
    default = {
        "base": {"version": "==1.0", "hashes": [f"sha256:{sha_of(tmp_path, 'base-1.0-py3-none-any.whl')}"]},
        "winonly": {"version": "==1.0", "hashes": [], "markers": "sys_platform == 'win32'"},
        **entries,
    }
    (project / "Pipfile.lock").write_text(json.dumps({"default": default, "develop": {"guni": {"version": "==1"}}}))
    return plan("base", lock="Pipfile.lock", lock_format="pipenv", files=("Pipfile.lock",), added=("guni>=20",))


def test_another_tools_lock_is_followed_and_completed(locked, project, tmp_path):
    assert locked(pipfile_lock(project, tmp_path)) == {"base": "1.0", "guni": "22.0"}


@pytest.mark.parametrize(
    ("name", "version"),
    [
        ("base", "==1.0\n-r /etc/passwd"),
        ("base", "==1.0\r--index-url http://127.0.0.1:1/"),
        ("base\n-e .", "==1.0"),
        ("--index-url=http://127.0.0.1:1/", "==1.0"),
    ],
)
def test_a_lock_brings_the_resolver_no_lines_of_its_own(name, version, locked, project, tmp_path):
    with pytest.raises(LockError, match="is no requirement") as caught:
        locked(pipfile_lock(project, tmp_path, **{name: {"version": version}}))

    assert caught.value.where == "Pipfile.lock"


def test_what_the_lock_has_already_is_not_added_again(locked, project, tmp_path, uv):
    dependencies = pipfile_lock(project, tmp_path, guni={"version": "==22.0"})

    assert locked(dependencies)["guni"] == "22.0"
    assert len(uv.runs) == 1


def test_what_cannot_be_added_to_a_lock_says_so(locked, project, tmp_path):
    dependencies = pipfile_lock(project, tmp_path)
    impossible = plan("base", lock="Pipfile.lock", lock_format="pipenv", added=("guni>=23",))

    with pytest.raises(LockError, match="cannot add guni>=23 to the lock"):
        locked(impossible)
    assert dependencies.lock == "Pipfile.lock"


def test_a_lock_for_one_platform_gives_no_universal_one(locked, project, tmp_path):
    with pytest.raises(UsageError, match=r"Pipfile\.lock pins the dependencies already"):
        locked(pipfile_lock(project, tmp_path), for_target=None)


def test_a_lock_of_the_standard_form_is_taken_as_it_is(locked, project, uv):
    text = 'lock-version = "1.0"\ncreated-by = "me"\n[[packages]]\nname = "base"\nversion = "1.0"\n'
    text += f'wheels = [{{ url = "https://e.test/base-1.0-py3-none-any.whl", hashes = {{ sha256 = "{"0" * 64}" }} }}]\n'
    (project / "pylock.toml").write_text(text)

    assert locked(plan("base", lock="pylock.toml", lock_format="pylock")) == {"base": "1.0"}
    assert uv.runs == []


def test_a_uv_lock_is_exported_from_a_tree_that_is_not_written_to(locked, project, tmp_path):
    (project / "pyproject.toml").write_text(
        '[project]\nname = "shop"\nversion = "1"\nrequires-python = ">=3.13"\ndependencies = ["base"]\n'
        '[dependency-groups]\ndev = ["guni"]\n'
    )
    sha = sha_of(tmp_path, "base-1.0-py3-none-any.whl")
    (project / "uv.lock").write_text(
        'version = 1\nrequires-python = ">=3.13"\n'
        '[[package]]\nname = "base"\nversion = "1.0"\nsource = { registry = "https://index.example.test/simple" }\n'
        f'wheels = [{{ url = "https://files.example.test/base-1.0-py3-none-any.whl", hash = "sha256:{sha}" }}]\n'
        '[[package]]\nname = "guni"\nversion = "22.0"\nsource = { registry = "https://index.example.test/simple" }\n'
        'dependencies = [{ name = "base" }]\n'
        f'wheels = [{{ url = "https://files.example.test/guni-22.0-py3-none-any.whl", hash = "sha256:{sha}" }}]\n'
        '[[package]]\nname = "shop"\nversion = "1"\nsource = { virtual = "." }\ndependencies = [{ name = "base" }]\n'
        '[package.dev-dependencies]\ndev = [{ name = "guni" }]\n'
        '[package.metadata]\nrequires-dist = [{ name = "base" }]\n'
        '[package.metadata.requires-dev]\ndev = [{ name = "guni" }]\n'
    )
    project.chmod(0o555)
    try:
        before = sorted(path.name for path in project.iterdir())
        found = locked(plan("base", lock="uv.lock", lock_format="uv", files=("uv.lock",)))
        assert sorted(path.name for path in project.iterdir()) == before
    finally:
        project.chmod(0o755)

    assert found == {"base": "1.0"}


@pytest.mark.parametrize("lock_format", ["pylock", "poetry", "pdm", "pipenv", "uv"])
@pytest.mark.parametrize(
    "content", [b"\xff\xfe\0", b"[[package", b"{" * 100_000, b"a = " + b"[" * 100_000], ids=range(4)
)
def test_a_broken_lock_is_a_lock_error_by_name(locked, project, lock_format, content):
    (project / "the.lock").write_bytes(content)
    (project / "uv.lock").write_bytes(content)
    (project / "pyproject.toml").write_text('[project]\nname = "shop"\nversion = "1"\n')
    name = "uv.lock" if lock_format == "uv" else "the.lock"

    with pytest.raises(LockError) as caught:
        locked(plan(lock=name, lock_format=lock_format))
    assert caught.value.where == name


def test_a_lock_that_is_gone_is_named(locked):
    with pytest.raises(LockError, match="cannot be read"):
        locked(plan(lock="gone.lock", lock_format="poetry"))


def test_a_selection_that_a_team_shares_is_followed_from_another_folder(project, uv, target, cache, tmp_path):
    theirs, request = (
        SharingCache(cache),
        ResolveRequest(root=project, dependencies=plan("flasky"), python="3.13", target=target),
    )
    chosen = choose_wheels(request, direct=frozenset(), cache=theirs, uv=uv)
    (tmp_path / "elsewhere").mkdir()
    ours = SharingCache(DiskCache(tmp_path / "empty"))
    ours.learn(theirs.used)
    CountingUv.runs.clear()

    again = choose_wheels(replace(request, root=tmp_path / "elsewhere"), direct=frozenset(), cache=ours, uv=uv)

    assert again == chosen
    assert CountingUv.runs == []


def test_a_shared_selection_with_files_that_are_not_the_lock_s_is_not_followed(project, uv, target, cache, tmp_path):
    sha = sha_of(tmp_path, "base-1.0-py3-none-any.whl")
    hashed = plan(
        "base==1.0", lock="requirements.txt", lock_format="requirements", hashes=(("base", (f"sha256:{sha}",)),)
    )
    request = ResolveRequest(root=project, dependencies=hashed, python="3.13", target=target)
    theirs = SharingCache(cache)
    chosen = choose_wheels(request, direct=frozenset(), cache=theirs, uv=uv)
    evil = Digest.of(b"evil").hex.encode()
    poisoned = {key: content.replace(sha.encode(), evil) for key, content in theirs.used.items()}
    assert poisoned != theirs.used
    ours = SharingCache(DiskCache(tmp_path / "empty"))
    ours.learn(poisoned)

    assert choose_wheels(request, direct=frozenset(), cache=ours, uv=uv) == chosen
