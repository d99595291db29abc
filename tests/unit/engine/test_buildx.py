"""`docker buildx`: found or explained, told what to build, and its failures read."""

from __future__ import annotations

import itertools
import stat
from pathlib import Path

import pytest

from packer.engine.buildx import BuildxBuild, find_buildx
from packer.errors import BuildError, EngineError

BUILD = BuildxBuild(
    context=Path("/context"), dockerfile=Path("/context/Dockerfile"), target="runtime", names=("shop:1",)
)


def command(folder: Path, script: str) -> dict[str, str]:
    """An environment whose docker command is this script."""
    path = folder / "docker"
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(path.stat().st_mode | stat.S_IXUSR)
    return {"PATH": f"{folder}:/usr/bin:/bin"}


GOOD = 'if [ "$2" = version ]; then echo "github.com/docker/buildx v0.13.1 x"; exit; fi\n'


def test_without_a_docker_command_the_native_builder_is_pointed_to(tmp_path: Path) -> None:
    with pytest.raises(EngineError) as caught:
        find_buildx({"PATH": str(tmp_path)})
    assert "--builder native" in (caught.value.hint or "")


def test_without_the_plugin_its_package_is_named(tmp_path: Path) -> None:
    environment = command(tmp_path, "echo \"docker: 'buildx' is not a docker command.\" >&2; exit 1")

    with pytest.raises(EngineError) as caught:
        find_buildx(environment)
    assert "docker-buildx" in (caught.value.hint or "")


def test_an_old_plugin_is_refused_by_its_version(tmp_path: Path) -> None:
    with pytest.raises(EngineError, match=r"too old: v0\.5"):
        find_buildx(command(tmp_path, 'echo "github.com/docker/buildx v0.5.1 x"'))


def test_an_engine_that_does_not_answer_is_told_with_its_own_words(tmp_path: Path) -> None:
    environment = command(tmp_path, GOOD + 'echo "ERROR: Cannot connect to the Docker daemon" >&2; exit 1')

    with pytest.raises(EngineError, match="Cannot connect to the Docker daemon"):
        find_buildx(environment)


def test_an_unknown_builder_is_named(tmp_path: Path) -> None:
    environment = command(tmp_path, GOOD + 'echo "ERROR: no builder \\"farm\\" found" >&2; exit 1')

    with pytest.raises(EngineError, match="the builder farm cannot be used"):
        find_buildx(environment, builder="farm")


def test_it_is_told_everything_that_was_asked_for() -> None:
    words = BuildxBuild(
        context=Path("/c"),
        dockerfile=Path("/c/Dockerfile"),
        target="runtime",
        names=("shop:1", "shop:latest"),
        platforms=("linux/amd64", "linux/arm64"),
        labels=(("revision", "abc"),),
        secrets=(("ca", Path("/odd, name.pem")),),
        cache_from=("type=registry,ref=r",),
        cache_to=("type=inline",),
        output=("--push",),
        refresh=True,
    ).words()

    for option, value in (
        ("--tag", "shop:latest"),
        ("--platform", "linux/arm64"),
        ("--label", "revision=abc"),
        ("--secret", 'id=ca,"src=/odd, name.pem"'),
        ("--cache-from", "type=registry,ref=r"),
        ("--cache-to", "type=inline"),
    ):
        assert (option, value) in itertools.pairwise(words)
    assert "--push" in words
    assert "--pull" in words
    assert words[-1] == "/c"


def test_what_it_made_is_read_from_its_metadata(tmp_path: Path) -> None:
    script = GOOD + (
        'if [ "$2" = inspect ]; then exit; fi\n'
        'while [ $# -gt 0 ]; do [ "$1" = --metadata-file ] && file="$2"; shift; done\n'
        'echo "#1 DONE" >&2\n'
        """echo '{"containerimage.digest": "sha256:aa", "containerimage.config.digest": "sha256:bb"}' > "$file" """
    )
    heard: list[str] = []

    result = find_buildx(command(tmp_path, script)).build(BUILD, scratch=tmp_path, line=heard.append)

    assert (result.digest, result.config_digest) == ("sha256:aa", "sha256:bb")
    assert heard == ["#1 DONE"]


@pytest.mark.parametrize(
    ("complaint", "advice"),
    [
        ("ERROR: failed to resolve source metadata for docker.io/x/y: not found", "pack login"),
        ("SSLError(SSLCertVerificationError: certificate verify failed", "id=ca"),
        ("cause: invalid peer certificate: UnknownIssuer", "id=ca"),
        ("cause: Because sauce was not found in the package registry", "id=pip_conf"),
        ("error: Hash mismatch for sauce==1.0", "pack lock"),
        ("ERROR: Cache export is not supported for the docker driver.", "containerd image store"),
        ("Could not connect to mirror.example:80 (192.0.2.1), connection timed out", "mirror"),
        ("W: Failed to fetch http://mirror.example/dists/trixie/InRelease  Connection refused", "mirror"),
        ("W: Some index files failed to download. E: Unable to locate package libpq5", "mirror"),
        ("E: Failed to fetch http://mirror.example/x.deb  No space left on device", "docker buildx prune"),
        ("E: Unable to locate package libpq55", "setting `packages`"),
        ("E: Package 'libpq55' has no installation candidate", "setting `packages`"),
        ("ERROR: Could not find a version that satisfies the requirement: connection timed out", "id=pip_conf"),
        ("write /x: no space left on device", "docker buildx prune"),
        ("ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE", "pack lock"),
        ("ERROR: Multi-platform build is not supported for the docker driver.", "docker buildx create"),
    ],
)
def test_a_failed_build_ends_with_its_own_words_and_the_likely_remedy(
    tmp_path: Path, complaint: str, advice: str
) -> None:
    script = GOOD + f'if [ "$2" = inspect ]; then exit; fi\necho "{complaint}" >&2; exit 1'

    with pytest.raises(BuildError) as caught:
        find_buildx(command(tmp_path, script)).build(BUILD, scratch=tmp_path, line=lambda _: None)

    assert complaint in caught.value.what
    assert advice in (caught.value.hint or "")
