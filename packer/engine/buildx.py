"""BuildKit, by the `docker buildx` command: the docker SDK has no BuildKit."""

from __future__ import annotations

import json
import shutil
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

from msgspec import Struct

from packer.errors import BuildError, EngineError
from packer.regex import regex
from packer.system.process import Finished, follow, run

__all__ = ["Buildx", "BuildxBuild", "BuildxResult", "find_buildx"]

_OLDEST = (0, 8)
"""The first buildx that writes what it made to `--metadata-file` for every driver."""
_VERSION = regex(r"v?(\d+)\.(\d+)")
_QUESTION_SECONDS = 30
_TAIL = 40
_INSTALL = (
    "install the buildx plugin (Debian and Ubuntu: `apt install docker-buildx`; Docker's own packages: "
    "`docker-buildx-plugin`), or build without an engine: pack build --builder native"
)
_NO_DOCKER = "install Docker Engine with the docker command, or build without one: pack build --builder native"


class BuildxBuild(Struct, frozen=True, kw_only=True):
    """One build.

    Attributes:
        context: the folder that is sent.
        dockerfile: its Dockerfile.
        target: the stage.
        names: references to tag it with.
        platforms: `linux/amd64`, …; empty for the builder's own.
        labels: of the image, beside those of the Dockerfile.
        secrets: identifiers and the files that hold them.
        cache_from: where layers may come from, in buildx's own words (`type=registry,ref=…`, or a reference).
        cache_to: where they are put.
        output: `--load`, `--push`, or `--output …`.
        refresh: look for a newer base.
    """

    context: Path
    dockerfile: Path
    target: str
    names: tuple[str, ...]
    platforms: tuple[str, ...] = ()
    labels: tuple[tuple[str, str], ...] = ()
    secrets: tuple[tuple[str, Path], ...] = ()
    cache_from: tuple[str, ...] = ()
    cache_to: tuple[str, ...] = ()
    output: tuple[str, ...] = ("--load",)
    refresh: bool = False

    def words(self) -> list[str]:
        """The arguments of `docker buildx build`."""
        words = ["--file", str(self.dockerfile), "--target", self.target, *self.output]
        for option, values in (
            ("--tag", self.names),
            ("--platform", self.platforms),
            ("--label", tuple(f"{name}={value}" for name, value in self.labels)),
            ("--secret", tuple(_csv({"id": name, "src": str(path)}) for name, path in self.secrets)),
            ("--cache-from", self.cache_from),
            ("--cache-to", self.cache_to),
        ):
            words += [word for value in values for word in (option, value)]
        return [*words, *(["--pull"] if self.refresh else []), str(self.context)]


class BuildxResult(Struct, frozen=True, kw_only=True):
    """What was made: its digest, and that of its config, as the builder says; empty where it says nothing."""

    digest: str
    config_digest: str


class Buildx(Struct, frozen=True, kw_only=True):
    """A buildx that answered: the docker command, its environment, and a builder's name (None: the one in use)."""

    docker: str
    environment: Mapping[str, str]
    builder: str | None = None

    def build(self, order: BuildxBuild, *, scratch: Path, line: Callable[[str], None] | None) -> BuildxResult:
        """Build. `line` is told of each line of progress; None lets buildx draw on this process's own terminal.

        Raises:
            BuildError: the build failed; the message ends with what BuildKit said last.
            EngineError: buildx cannot be run.
        """
        metadata = scratch / f"{order.context.name}.metadata.json"  # builds of other contexts run beside this one
        metadata.unlink(missing_ok=True)
        chosen = ["--builder", self.builder] if self.builder else []
        progress = ["--progress", "auto" if line is None else "plain", "--metadata-file", str(metadata)]
        last: deque[str] = deque(maxlen=_TAIL)

        def heard(text: str) -> None:
            last.append(text)
            if line is not None:
                line(text)

        status = follow(
            [self.docker, "buildx", "build", *chosen, *progress, *order.words()],
            env=self.environment,
            line=None if line is None else heard,
            error=EngineError,
        )
        if status:
            raise _failure(last, status)
        return _result(metadata)


def find_buildx(environment: Mapping[str, str], *, builder: str | None = None) -> Buildx:
    """The docker command with its plugin, and a builder that answers.

    Raises `EngineError` that says which of them is missing or too old, and how to get it.
    """
    docker = shutil.which("docker", path=environment.get("PATH"))
    if docker is None:
        raise EngineError("the engine builder needs the docker command, and there is none on PATH", hint=_NO_DOCKER)
    inspect = ("inspect", builder) if builder else ("inspect",)
    version, asked = _answers(docker, environment, ("version",), inspect)
    found = _VERSION.search(version.stdout.decode(errors="replace"))
    if version.status or found is None:
        raise EngineError("the docker command has no buildx plugin", where=docker, hint=_INSTALL)
    if (int(found[1]), int(found[2])) < _OLDEST:
        raise EngineError(f"this buildx is too old: {found[0]}", where=docker, hint=_INSTALL)
    text = asked.stdout.decode(errors="replace") + asked.stderr
    if asked.status or "\nError:" in text:
        raise _no_builder(builder, text)
    return Buildx(docker=docker, environment=environment, builder=builder)


def _answers(docker: str, environment: Mapping[str, str], *questions: tuple[str, ...]) -> Iterator[Finished]:
    """What buildx says to each question, asked at once: every start of the command takes a tenth of a second."""

    def ask(words: tuple[str, ...]) -> Finished:
        return run([docker, "buildx", *words], env=environment, timeout=_QUESTION_SECONDS, error=EngineError)

    with ThreadPoolExecutor(len(questions)) as pool:
        return pool.map(ask, questions)


def _no_builder(builder: str | None, text: str) -> EngineError:
    reason = next((line for line in reversed(text.strip().splitlines()) if line.strip()), "it does not answer")
    reason = reason.removeprefix("ERROR: ").removeprefix("Error:").strip()
    if builder:
        return EngineError(
            f"the builder {builder} cannot be used: {reason}", hint="list the builders: docker buildx ls"
        )
    return EngineError(
        f"the container engine does not answer: {reason}",
        hint="start it (`sudo systemctl start docker`), set DOCKER_HOST, or build without: pack build --builder native",
    )


_CAUSES = (
    (
        regex(r"(?i)no space left on device"),
        "make room in the engine: docker buildx prune",
    ),
    (
        regex(r"(?i)failed to resolve source metadata for (\S+):|pull access denied|manifest unknown"),
        "the base cannot be pulled: log in to its registry (pack login), or name another with `base`",
    ),
    (
        regex(
            r"[EW]: Failed to fetch|Some index files failed to download|Could not connect to \S+:\d+ \("
            r"|Temporary failure resolving '"
        ),
        (
            "apt in the build does not get what it wants from its mirror: name your proxy under `proxies` in docker's "
            "config.json, or a `base` with your mirror in it; pack build --builder native takes this machine's mirror"
        ),
    ),
    (
        regex(r"E: (?:Unable to locate package|Package '.*' has no installation candidate)"),
        "the base's release has no package of that name: look at the setting `packages`",
    ),
    (
        regex(
            r"(?i)certificate verify failed|invalid peer certificate|self.signed certificate|unable to get local issuer"
        ),
        "give the build your authority: --secret id=ca,src=/path/to/ca.pem",
    ),
    (
        regex(r"(?i)hash mismatch for|THESE PACKAGES DO NOT MATCH THE HASHES"),
        "an index gave a file that the lock does not know: lock anew (pack lock --upgrade)",
    ),
    (
        regex(r"(?i)not found in the package registry|could not find a version|connection (?:refused|timed out)"),
        "the index cannot be reached from the build: give pip's configuration with --secret id=pip_conf,src=pip.conf",
    ),
    (
        regex(r"(?i)cache export (?:feature )?is not (?:currently )?supported"),
        "this engine keeps its cache to itself: turn on its containerd image store, or name another with --buildx",
    ),
    (
        regex(r"(?i)multi-platform build is not supported"),
        "the engine's own builder makes one platform: docker buildx create --name NAME, then --buildx NAME",
    ),
    (
        regex(r"(?i)unknown flag|the --mount option requires BuildKit|unknown instruction"),
        "this engine is too old for the Dockerfile: use Docker Engine 20.10 or later",
    ),
)


def _failure(last: deque[str], status: int) -> BuildError:
    """The build's own last words, and the likely cause."""
    text = "\n".join(last)
    hint = next((advice for pattern, advice in _CAUSES if pattern.search(text)), None)
    what = f"the engine's build failed with exit status {status}"
    shown = f"\n\n{text}\n" if text else ""
    return BuildError(
        f"{what}{shown}", hint=hint or "the lines above say why; pack build --builder native needs no engine"
    )


def _result(path: Path) -> BuildxResult:
    try:
        document: Any = json.loads(path.read_bytes())
    except (OSError, ValueError) as error:
        raise EngineError(f"buildx did not say what it made: {error}", where=str(path)) from error
    finally:
        path.unlink(missing_ok=True)
    fields = document if isinstance(document, dict) else {}
    return BuildxResult(
        digest=str(fields.get("containerimage.digest", "")),
        config_digest=str(fields.get("containerimage.config.digest", "")),
    )


def _csv(fields: Mapping[str, str]) -> str:
    """One record of comma-separated fields, as buildx reads them (RFC 4180)."""
    quoted = (f"{name}={value}" for name, value in fields.items())
    return ",".join('"' + one.replace('"', '""') + '"' if set(one) & set(',"\n') else one for one in quoted)
