"""Credential helpers, the order of the places, and login and logout."""

from __future__ import annotations

import base64
import json
import stat
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.errors import RegistryError, UsageError
from packer.registry.credential_helper import CredentialHelper
from packer.registry.credentials import Credential
from packer.registry.keychain import UserKeychain, docker_config_file
from packer.registry.login import forget, keep
from packer.workflows.login import log_in
from tests.testbed.registry import BasicLogin, running_registry

from .conftest import Client

ADA = Credential.of("ada", "pw")
KEEPER = """#!/bin/sh
store="$(dirname "$0")/kept"
case "$1" in
  get) read -r key; [ -f "$store" ] || { echo "credentials not found in native keychain"; exit 1; }; cat "$store";;
  store) cat > "$store";;
  erase) read -r key; rm -f "$store";;
esac
"""

Environment = dict[str, str]
InstallHelper = Callable[[str, str], Path]


@pytest.fixture
def environment(tmp_path: Path) -> Environment:
    """A home without anything, and a PATH with helpers."""
    (tmp_path / "bin").mkdir()
    return {"HOME": str(tmp_path / "home"), "PATH": f"{tmp_path / 'bin'}:/usr/bin:/bin"}


@pytest.fixture
def helper(tmp_path: Path) -> InstallHelper:
    """Installs a helper that is a shell script."""

    def install(name: str, script: str) -> Path:
        path = tmp_path / "bin" / f"docker-credential-{name}"
        path.write_text(script if script.startswith("#!") else f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        return path

    return install


def write(path: Path, document: object) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(document))
    return path


def entry(name: str, secret: str = "pw") -> dict[str, str]:
    return {"auth": base64.b64encode(f"{name}:{secret}".encode()).decode()}


def found(
    environment: Environment, registry: str = "registry.example.com", repository: str = "team/app"
) -> tuple[str, str]:
    """The user's name and where it was found."""
    one = UserKeychain(environment, _no_warning).find(registry, repository)
    return (one.credential.username, one.source) if one else ("", "")


def _no_warning(text: str) -> None:
    raise AssertionError(text)


def test_a_helper_is_asked_on_standard_input_and_its_answer_is_the_credential(
    environment: Environment, helper: InstallHelper
) -> None:
    helper("good", """read -r key; printf '{"ServerURL":"%s","Username":"%s","Secret":"pw"}' "$key" "$key" """)
    assert CredentialHelper(name="good", environment=environment).get("a.example") == Credential.of("a.example", "pw")


def test_a_helper_may_have_an_identity_token(environment: Environment, helper: InstallHelper) -> None:
    helper("token", """printf '{"Username":"<token>","Secret":"refresh"}'""")
    kept = CredentialHelper(name="token", environment=environment).get("a.example")
    assert kept is not None
    assert (kept.kind, kept.secret) == ("identity", "refresh")


@pytest.mark.parametrize(
    "script",
    [
        "echo 'credentials not found in native keychain'; exit 1",
        "echo 'Credentials not found' >&2; exit 1",
        """printf '{"Username":"","Secret":""}'""",
    ],
)
def test_a_helper_that_has_nothing_is_no_error(environment: Environment, helper: InstallHelper, script: str) -> None:
    helper("empty", script)
    assert CredentialHelper(name="empty", environment=environment).get("a.example") is None


@pytest.mark.parametrize(
    ("script", "message"),
    [
        ("echo 'the keychain is locked' >&2; exit 1", "empty fails to get: the keychain is locked"),
        ("echo 'error getting credentials'; exit 1", "fails to get: error getting credentials"),
        ("""echo '{"Username":"a","Secret":"hidden"}'; exit 1""", "fails to get: exit status 1"),
        ("exit 3", "fails to get: exit status 3"),
        ("echo hidden", "gives an answer that cannot be read"),
        ("""echo '{"Username": "hidden"}'""", "gives an answer that cannot be read"),
        ("""echo '["hidden"]'""", "gives an answer that cannot be read"),
        ("yes hidden", "printed more than"),
        ("head -c 200000 /dev/zero | tr '\\0' '['", "gives an answer that cannot be read"),
    ],
)
def test_a_helper_that_fails_is_an_error_without_what_it_may_keep_secret(
    environment: Environment, helper: InstallHelper, script: str, message: str
) -> None:
    helper("empty", script)
    with pytest.raises(RegistryError) as caught:
        CredentialHelper(name="empty", environment=environment).get("a.example")
    assert message in str(caught.value)
    assert "hidden" not in str(caught.value)


def test_a_helper_that_hangs_is_ended(environment: Environment, helper: InstallHelper) -> None:
    helper("slow", "sleep 600")
    with pytest.raises(RegistryError, match="took longer than"):
        CredentialHelper(name="slow", environment=environment, seconds=0.05).get("a.example")


@pytest.mark.parametrize("name", ["../evil", "a/b", "", "-x", "a b", "x" * 100])
def test_a_name_that_no_helper_has_starts_nothing(environment: Environment, name: str) -> None:
    assert CredentialHelper(name=name, environment=environment).program is None


def test_a_helper_that_is_not_installed_is_told_of_and_passed_over(environment: Environment) -> None:
    config = write(
        docker_config_file(environment), {"credsStore": "gone", "auths": {"registry.example.com": entry("file")}}
    )
    warnings: list[str] = []
    one = UserKeychain(environment, warnings.append).find("registry.example.com", "team/app")
    assert one is not None
    assert one.source == str(config)
    assert warnings == [f"{config} names the credential helper gone, which is not installed"]


def test_the_first_place_that_knows_the_registry_decides(
    environment: Environment, helper: InstallHelper, tmp_path: Path
) -> None:
    """Each place is taken away after it was found, in the order in which they are asked."""
    auths = {"auths": {"registry.example.com": entry("file"), "ghcr.io": entry("file")}}
    config = write(docker_config_file(environment), {**auths, "credHelpers": {"registry.example.com": "good"}})
    stated = write(tmp_path / "stated.json", {"auths": {"registry.example.com": entry("stated")}})
    runtime = write(tmp_path / "run/containers/auth.json", {"auths": {"registry.example.com/team": entry("podman")}})
    home = write(
        Path(environment["HOME"], ".config/containers/auth.json"), {"auths": {"registry.example.com": entry("home")}}
    )
    program = helper("good", """printf '{"Username":"helper","Secret":"pw"}'""")
    environment |= {
        "PACK_REGISTRY_USER": "ci",
        "PACK_REGISTRY_PASSWORD": "pw",
        "REGISTRY_AUTH_FILE": str(stated),
        "XDG_RUNTIME_DIR": str(tmp_path / "run"),
        "GITHUB_TOKEN": "github",
    }
    assert found(environment) == ("ci", "PACK_REGISTRY_USER and PACK_REGISTRY_PASSWORD")
    environment["PACK_REGISTRY"] = "other.example"
    assert found(environment) == ("helper", "the credential helper good")
    program.write_text("#!/bin/sh\necho 'credentials not found'; exit 1\n")
    assert found(environment) == ("file", str(config))
    assert found(environment, "ghcr.io") == ("file", str(config))
    config.unlink()
    assert found(environment) == ("stated", str(stated))
    stated.unlink()
    assert found(environment) == ("podman", str(runtime))
    assert found(environment, repository="other/app") == ("home", str(home))
    assert found(environment, "ghcr.io") == ("token", "GITHUB_TOKEN")
    assert found(environment, "unknown.example") == ("", "")


def test_docker_config_and_xdg_config_home_move_the_files(environment: Environment, tmp_path: Path) -> None:
    docker = write(tmp_path / "docker/config.json", {"auths": {"a.example": entry("docker")}})
    podman = write(tmp_path / "xdg/containers/auth.json", {"auths": {"b.example": entry("podman")}})
    environment |= {"DOCKER_CONFIG": str(docker.parent), "XDG_CONFIG_HOME": str(tmp_path / "xdg")}
    assert found(environment, "a.example") == ("docker", str(docker))
    assert found(environment, "b.example") == ("podman", str(podman))


def test_a_broken_file_is_named(environment: Environment) -> None:
    config = docker_config_file(environment)
    config.parent.mkdir(parents=True)
    config.write_text("{")
    with pytest.raises(RegistryError, match="cannot be read") as caught:
        found(environment)
    assert caught.value.where == str(config)


def test_a_credential_does_not_show_its_secret() -> None:
    assert repr(Credential.of("ada", "hidden")) == "Credential(username='ada', kind='password')"
    assert "hidden" not in f"{Credential.of('<token>', 'hidden')!r} {Credential.of('ada', 'hidden')!s}"


def test_a_login_is_for_its_owners_eyes_only(environment: Environment) -> None:
    kept = keep("docker.io", ADA, environment)
    config = docker_config_file(environment)
    assert (kept.place, kept.is_plain) == (str(config), True)
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert found(environment, "docker.io") == ("ada", str(config))


def test_a_login_narrows_who_may_read_a_file_that_was_there(environment: Environment) -> None:
    config = write(docker_config_file(environment), {"proxies": {"default": {}}})
    config.chmod(0o644)
    keep("a.example", ADA, environment)
    assert stat.S_IMODE(config.stat().st_mode) == 0o600
    assert json.loads(config.read_text())["proxies"] == {"default": {}}


def test_a_login_writes_through_a_symbolic_link(environment: Environment, tmp_path: Path) -> None:
    real = write(tmp_path / "dotfiles/docker.json", {})
    config = docker_config_file(environment)
    config.parent.mkdir(parents=True)
    config.symlink_to(real)
    keep("a.example", ADA, environment)
    assert config.is_symlink()
    assert "a.example" in json.loads(real.read_text())["auths"]
    assert forget("a.example", environment) is not None
    assert config.is_symlink()


def test_a_login_goes_to_the_helper_where_there_is_one(environment: Environment, helper: InstallHelper) -> None:
    helper("keeper", KEEPER)
    config = write(docker_config_file(environment), {"credsStore": "keeper"})
    kept = keep("docker.io", ADA, environment)
    assert (kept.place, kept.is_plain) == ("the credential helper keeper", False)
    assert "pw" not in config.read_text()
    assert found(environment, "docker.io") == ("ada", "the credential helper keeper")
    assert forget("docker.io", environment) == kept
    assert found(environment, "docker.io") == ("", "")
    assert forget("docker.io", environment) is None


def test_a_login_with_a_helper_that_is_gone_says_so(environment: Environment) -> None:
    write(docker_config_file(environment), {"credsStore": "gone"})
    with pytest.raises(RegistryError, match="docker-credential-gone is not there"):
        keep("a.example", ADA, environment)


def test_a_logout_also_forgets_what_lies_in_the_file_beside_the_helper(
    environment: Environment, helper: InstallHelper
) -> None:
    helper("keeper", KEEPER)
    config = write(
        docker_config_file(environment),
        {"credsStore": "keeper", "auths": {"a.example": entry("old"), "b.example": entry("b")}},
    )
    keep("a.example", ADA, environment)
    assert forget("a.example", environment) is not None
    assert found(environment, "a.example") == ("", "")
    assert list(json.loads(config.read_text())["auths"]) == ["b.example"]


def test_a_helpers_secret_does_not_stand_in_its_error(environment: Environment, helper: InstallHelper) -> None:
    helper("parrot", "cat >&2; exit 1")
    write(docker_config_file(environment), {"credsStore": "parrot"})
    with pytest.raises(RegistryError) as caught:
        keep("a.example", Credential.of("ada", "hidden"), environment)
    assert "hidden" not in str(caught.value)


def test_logins_at_once_are_all_kept(environment: Environment) -> None:
    names = [f"r{number}.example" for number in range(12)]
    threads = [threading.Thread(target=keep, args=(name, ADA, environment)) for name in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(found(environment, name)[0] == "ada" for name in names)


def test_a_folder_in_place_of_the_file_is_not_replaced(environment: Environment) -> None:
    docker_config_file(environment).mkdir(parents=True)
    with pytest.raises(RegistryError, match="cannot be read"):
        keep("a.example", ADA, environment)


def test_a_credential_is_kept_only_when_the_registry_takes_it(environment: Environment) -> None:
    with running_registry(login=BasicLogin()) as registry:
        client = Client()
        with pytest.raises(RegistryError, match="refuses to log in") as caught:
            log_in(
                registry.address, Credential.of("ada", "wrong"), registries=client.registries, environment=environment
            )
        assert caught.value.hint == "check the name and the password; some registries take tokens only"
        assert not docker_config_file(environment).exists()
        kept = log_in(
            registry.address, Credential.of("ada", "countess"), registries=client.registries, environment=environment
        )
        assert found(environment, registry.address) == ("ada", kept.place)


def test_a_name_with_a_colon_is_refused_before_anything_is_sent(environment: Environment) -> None:
    with running_registry(login=BasicLogin()) as registry:
        with pytest.raises(UsageError, match="has no colon"):
            log_in(
                registry.address, Credential.of("a:b", "pw"), registries=Client().registries, environment=environment
            )
        assert registry.traffic.exchanges == ()
