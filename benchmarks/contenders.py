"""Who builds: pack, and BuildKit with an expert's Dockerfile on a private Docker Engine."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import sysconfig
import tarfile
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from measure import Measurement, run

from tests.testbed import apt
from tests.testbed.daemon import Daemon

__all__ = ["AUTHORITIES", "BuildKit", "Pack", "Size"]

AUTHORITIES = Path("/etc/ssl/certs/ca-certificates.crt")
_TAG = "bench/app"
_BASES = ("bench/debian", "bench/python", "bench/uv")


@dataclass(frozen=True, slots=True, kw_only=True)
class Size:
    """An image's size in bytes: its unpacked layers, and as a registry stores them."""

    unpacked: int
    stored: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Pack:
    """pack, with all that it remembers in one folder."""

    memory: Path
    more: tuple[tuple[str, str], ...] = ()

    @property
    def environment(self) -> dict[str, str]:
        """Variables that move its caches, and uv's, into the folder."""
        folders = {f"XDG_{kind}_HOME": str(self.memory / kind.lower()) for kind in ("CACHE", "DATA", "STATE")}
        return {**folders, **dict(self.more)}

    def build(self, project: Path, *options: str) -> Measurement:
        """`pack build`, into pack's own store."""
        return self.command("build", ".", "--json", "--quiet", *options, project=project)

    def command(self, *words: str, project: Path) -> Measurement:
        """Any command of pack, run in the project."""
        program = Path(sysconfig.get_path("scripts")) / "pack"
        return run([program, *words], environment=self.environment, folder=project)

    def forget(self) -> None:
        """Lose every cache."""
        shutil.rmtree(self.memory, ignore_errors=True)

    def forget_resolutions(self) -> None:
        """Lose what uv knows of the package index."""
        shutil.rmtree(self.memory / "cache" / "uv", ignore_errors=True)

    def keep(self, place: Path) -> None:
        """Copy all that it remembers."""
        shutil.copytree(self.memory, place, symlinks=True)

    def recall(self, place: Path) -> None:
        """Go back to what was kept."""
        self.forget()
        shutil.copytree(place, self.memory, symlinks=True)

    def size(self, project: Path) -> Size:
        """The size of the project's image: as stored from `--json`, unpacked from the archive of its layers."""
        archive = project.parent / "size.tar"
        document = _document(self.build(project, "--output", f"archive:{archive}").output)
        stored = sum(layer["size"] for layer in document["images"][0]["layers"])
        unpacked = _unpacked(archive)
        archive.unlink()
        return Size(unpacked=unpacked, stored=stored)


@dataclass(frozen=True, slots=True, kw_only=True)
class BuildKit:
    """The builder inside a Docker Engine."""

    daemon: Daemon

    def prepare(self, folder: Path) -> None:
        """Make the two base images from Debian packages: Python, and Python with uv."""
        apt.install(["mmdebstrap"])
        root = folder / "python.tar"
        packages = "python3,ca-certificates"
        subprocess.run(
            ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={packages}", "trixie", root, apt.mirror()],
            check=True,
        )
        links = "RUN ln -sf python3 /usr/bin/python"
        self._docker("import", str(root), "bench/debian")
        uv = folder / "uv-image"
        uv.mkdir()
        shutil.copy2(Path(sysconfig.get_path("scripts")) / "uv", uv / "uv")
        (uv / "Dockerfile").write_text(
            f"FROM bench/debian AS python\n{links}\nFROM python AS uv\nCOPY uv /usr/local/bin/uv\n"
        )
        for target in ("python", "uv"):
            self._docker("buildx", "build", "--quiet", "--target", target, "-t", f"bench/{target}", str(uv))

    def build(self, project: Path) -> Measurement:
        """`docker buildx build`, into the engine's store."""
        return self._build(project, "-t", _TAG)

    def build_and_push(self, project: Path, reference: str) -> Measurement:
        """`docker buildx build --push`, with the cache in the image itself."""
        cache = ["--cache-to", "type=inline", "--cache-from", f"type=registry,ref={reference}"]
        return self._build(project, "--push", "-t", reference, *cache)

    def _build(self, project: Path, *options: str) -> Measurement:
        words = [str(self.daemon.client), "buildx", "build", "--quiet", *options, "."]
        if AUTHORITIES.exists():
            words += ["--secret", f"id=authorities,src={AUTHORITIES}"]
        return run(words, environment=self.daemon.environment, folder=project)

    def forget(self) -> None:
        """Lose every cache but the base images."""
        for name in self._docker("image", "ls", "--format", "{{.Repository}}:{{.Tag}}").split():
            if name.removesuffix(":latest") not in _BASES:
                self._docker("image", "rm", "--force", name)
        self._docker("builder", "prune", "--all", "--force")

    def size(self) -> Size:
        """The size of the image that was built last."""
        unpacked = int(self._docker("image", "inspect", "--format", "{{.Size}}", _TAG))
        stored = subprocess.run(
            f"{self.daemon.client} save {_TAG} | gzip -6 | wc -c",
            shell=True,
            check=True,
            capture_output=True,
            text=True,
            env={**os.environ, **self.daemon.environment},
        ).stdout
        return Size(unpacked=unpacked, stored=int(stored))

    def _docker(self, *words: str) -> str:
        done = subprocess.run(
            [self.daemon.client, *words],
            check=False,
            capture_output=True,
            text=True,
            env={**os.environ, **self.daemon.environment},
        )
        if done.returncode and words[:2] != ("image", "rm"):
            sys.exit(f"docker {' '.join(words)}: {done.stderr}")
        return done.stdout


def _document(output: str) -> Any:
    """The JSON that ends a command's output."""
    return json.loads(output[output.index("{\n") :])


def _unpacked(archive: Path) -> int:
    """The sum of the sizes of the files in an archive's layers, as `docker image ls` counts it."""
    total = 0
    with tarfile.open(archive) as outer:
        [manifest] = json.load(_member(outer, "manifest.json"))
        for name in manifest["Layers"]:
            with tarfile.open(fileobj=_member(outer, name), mode="r|*") as layer:
                total += sum(entry.size for entry in layer)
    return total


def _member(archive: tarfile.TarFile, name: str) -> Any:
    return archive.extractfile(name)
