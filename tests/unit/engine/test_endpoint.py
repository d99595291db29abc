from __future__ import annotations

import json
import socket
from hashlib import sha256
from pathlib import Path

import pytest

from packer.engine.endpoint import Certificates, Endpoint, find_endpoints
from packer.errors import EngineError


@pytest.fixture
def home(tmp_path: Path) -> Path:
    (tmp_path / ".docker").mkdir()
    return tmp_path


def add_context(home: Path, name: str, document: object) -> None:
    folder = home / ".docker" / "contexts" / "meta" / sha256(name.encode()).hexdigest()
    folder.mkdir(parents=True)
    (folder / "meta.json").write_text(json.dumps(document))


def choose(home: Path, name: str) -> None:
    (home / ".docker" / "config.json").write_text(json.dumps({"currentContext": name, "auths": {}}))


def engine_at(host: str, **more: object) -> dict[str, object]:
    return {"Name": "x", "Endpoints": {"docker": {"Host": host, **more}}}


def test_docker_host_wins_over_contexts(home):
    choose(home, "remote")

    [endpoint] = find_endpoints({"DOCKER_HOST": "tcp://engine.test:2375"}, home)

    assert endpoint == Endpoint(host="tcp://engine.test:2375", source="DOCKER_HOST")


def test_the_current_context_is_followed(home):
    add_context(home, "remote", engine_at("ssh://me@engine.test"))
    choose(home, "remote")

    [endpoint] = find_endpoints({}, home)

    assert (endpoint.host, endpoint.source) == ("ssh://me@engine.test", "the docker context 'remote'")


def test_docker_context_wins_over_the_current_one(home):
    add_context(home, "one", engine_at("tcp://one.test:2375"))
    choose(home, "another")

    [endpoint] = find_endpoints({"DOCKER_CONTEXT": "one"}, home)

    assert endpoint.host == "tcp://one.test:2375"


def test_docker_config_moves_the_configuration(home, tmp_path):
    add_context(home, "one", engine_at("tcp://one.test:2375"))
    environment = {"DOCKER_CONFIG": str(home / ".docker"), "DOCKER_CONTEXT": "one"}

    assert find_endpoints(environment, tmp_path / "nobody")[0].host == "tcp://one.test:2375"


@pytest.mark.parametrize(("skip", "verify"), [(False, True), (True, False)])
def test_a_contexts_certificates_are_used(home, skip, verify):
    add_context(home, "one", engine_at("tcp://one.test:2376", SkipTLSVerify=skip))
    folder = home / ".docker" / "contexts" / "tls" / sha256(b"one").hexdigest() / "docker"
    folder.mkdir(parents=True)

    [endpoint] = find_endpoints({"DOCKER_CONTEXT": "one"}, home)

    assert endpoint.certificates == Certificates(folder=folder, verify=verify)


def test_certificates_of_the_environment_are_used(home):
    environment = {"DOCKER_HOST": "tcp://x.test:2376", "DOCKER_TLS_VERIFY": "1", "DOCKER_CERT_PATH": "/certs"}

    assert find_endpoints(environment, home)[0].certificates == Certificates(folder=Path("/certs"), verify=True)


@pytest.mark.parametrize(
    "document",
    [{}, [], {"Endpoints": []}, {"Endpoints": {"docker": {}}}, {"Endpoints": {"docker": {"Host": 1}}}, "text"],
)
def test_a_context_that_names_no_engine_is_refused(home, document):
    add_context(home, "odd", document)

    with pytest.raises(EngineError):
        find_endpoints({"DOCKER_CONTEXT": "odd"}, home)


def test_a_context_that_is_not_there_is_refused_by_name(home):
    with pytest.raises(EngineError, match="no docker context 'gone'"):
        find_endpoints({"DOCKER_CONTEXT": "gone"}, home)


def test_a_broken_configuration_names_no_context(home):
    (home / ".docker" / "config.json").write_text("[" * 100_000)

    assert all(endpoint.source == "its usual socket" for endpoint in find_endpoints({}, home))


def test_a_socket_that_exists_is_tried(home, monkeypatch):
    (home / ".docker" / "run").mkdir()
    monkeypatch.chdir(home / ".docker" / "run")
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind("docker.sock")

        hosts = [endpoint.host for endpoint in find_endpoints({}, home)]

    assert f"unix://{home}/.docker/run/docker.sock" in hosts


@pytest.mark.parametrize(
    ("host", "local"),
    [
        ("unix:///run/docker.sock", True),
        ("tcp://localhost:2375", True),
        ("tcp://[::1]:2375", True),
        ("tcp://localhost.example.test:2375", False),
        ("ssh://me@engine.test", False),
        ("ssh://localhost", False),
    ],
)
def test_only_an_engine_of_this_machine_is_local(host, local):
    assert Endpoint(host=host, source="test").is_local is local


def test_the_docker_command_is_told_of_a_socket_that_it_would_not_look_at() -> None:
    usual = Endpoint(host="unix:///run/podman/podman.sock", source="its usual socket")
    context = Endpoint(host="ssh://engine.test", source="the docker context 'one'")

    assert usual.known_in({"PATH": "/bin"}) == {"PATH": "/bin", "DOCKER_HOST": "unix:///run/podman/podman.sock"}
    assert context.known_in({"PATH": "/bin"}) == {"PATH": "/bin"}
