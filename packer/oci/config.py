"""Image configs: the platform, what `docker run` does by default, and how the layers came to be.

Specification: https://github.com/opencontainers/image-spec/blob/main/config.md. `Healthcheck` is Docker's own field,
which engines honour in OCI configs too; see https://github.com/opencontainers/image-spec/issues/749.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import MappingProxyType

from msgspec import Struct, field

from packer.errors import ArchiveError
from packer.oci.digest import Digest
from packer.oci.document import Document, canonical_json
from packer.oci.platform import Platform

__all__ = ["Execution", "Healthcheck", "History", "ImageConfig", "merged_environment"]

_NOTHING: Mapping[str, object] = MappingProxyType({})
_SECOND = 1_000_000_000


class Healthcheck(Struct, frozen=True, kw_only=True):
    """How an engine asks whether a container is well.

    `test` is `("CMD", program, argument, …)`, `("CMD-SHELL", line)` or `("NONE",)`. Times are nanoseconds; 0 leaves
    the choice to the engine.
    """

    test: tuple[str, ...]
    interval: int = 0
    timeout: int = 0
    start_period: int = 0
    start_interval: int = 0
    retries: int = 0

    @classmethod
    def command(
        cls, command: tuple[str, ...], *, interval: int = 0, timeout: int = 0, start_period: int = 0, retries: int = 0
    ) -> Healthcheck:
        """A check that runs a program without a shell; times in seconds."""
        return cls(
            test=("CMD", *command),
            interval=interval * _SECOND,
            timeout=timeout * _SECOND,
            start_period=start_period * _SECOND,
            retries=retries,
        )

    @classmethod
    def from_json(cls, document: Document) -> Healthcheck | None:
        """Read `Healthcheck`; None when it is absent or says nothing."""
        if not document.fields:
            return None
        return cls(
            test=document.texts("Test"),
            interval=document.number("Interval"),
            timeout=document.number("Timeout"),
            start_period=document.number("StartPeriod"),
            start_interval=document.number("StartInterval"),
            retries=document.number("Retries"),
        )

    def to_json(self) -> dict[str, object]:
        """The `Healthcheck` object."""
        numbers = {
            "Interval": self.interval,
            "Timeout": self.timeout,
            "StartPeriod": self.start_period,
            "StartInterval": self.start_interval,
            "Retries": self.retries,
        }
        return {"Test": list(self.test), **{name: value for name, value in numbers.items() if value}}


class Execution(Struct, frozen=True, kw_only=True):
    """The `config` section: what a container of the image does unless it is told otherwise.

    Attributes:
        user: `name`, `uid` or `uid:gid`.
        ports: exposed ports: `8000/tcp`.
        environment: names and values, in order.
        others: fields that pack does not know, kept as they are.
    """

    user: str = ""
    ports: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    entrypoint: tuple[str, ...] = ()
    command: tuple[str, ...] = ()
    volumes: tuple[str, ...] = ()
    working_directory: str = ""
    labels: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    stop_signal: str = ""
    healthcheck: Healthcheck | None = None
    others: Mapping[str, object] = field(default_factory=lambda: _NOTHING)

    @classmethod
    def from_json(cls, document: Document) -> Execution:
        """Read the `config` section."""
        known = ("User", "ExposedPorts", "Env", "Entrypoint", "Cmd", "Volumes", "WorkingDir", "Labels", "StopSignal",
                 "Healthcheck")  # fmt: skip
        pairs = (text.partition("=") for text in document.texts("Env"))
        return cls(
            user=document.text("User"),
            ports=tuple(sorted(document.section("ExposedPorts").fields)),
            environment=tuple((name, value) for name, _, value in pairs),
            entrypoint=document.texts("Entrypoint"),
            command=document.texts("Cmd"),
            volumes=tuple(sorted(document.section("Volumes").fields)),
            working_directory=document.text("WorkingDir"),
            labels=MappingProxyType(document.text_map("Labels")),
            stop_signal=document.text("StopSignal"),
            healthcheck=Healthcheck.from_json(document.section("Healthcheck")),
            others=MappingProxyType(document.others(*known)),
        )

    def to_json(self) -> dict[str, object]:
        """The `config` section; what is empty is left out."""
        fields: dict[str, object] = {
            "User": self.user,
            "ExposedPorts": {port: {} for port in self.ports},
            "Env": [f"{name}={value}" for name, value in self.environment],
            "Entrypoint": list(self.entrypoint),
            "Cmd": list(self.command),
            "Volumes": {volume: {} for volume in self.volumes},
            "WorkingDir": self.working_directory,
            "Labels": dict(self.labels),
            "StopSignal": self.stop_signal,
            "Healthcheck": self.healthcheck.to_json() if self.healthcheck else None,
        }
        return {**self.others, **{name: value for name, value in fields.items() if value}}


class History(Struct, frozen=True, kw_only=True):
    """How one layer, or one that is empty, came to be. Times are RFC 3339 texts."""

    created: str = ""
    created_by: str = ""
    author: str = ""
    comment: str = ""
    empty_layer: bool = False

    @classmethod
    def from_json(cls, document: Document) -> History:
        """Read an entry of `history`."""
        return cls(
            created=document.text("created"),
            created_by=document.text("created_by"),
            author=document.text("author"),
            comment=document.text("comment"),
            empty_layer=document.flag("empty_layer"),
        )

    def to_json(self) -> dict[str, object]:
        """The entry's object; what is empty is left out."""
        fields: dict[str, object] = {
            "created": self.created,
            "created_by": self.created_by,
            "author": self.author,
            "comment": self.comment,
            "empty_layer": self.empty_layer,
        }
        return {name: value for name, value in fields.items() if value}


class ImageConfig(Struct, frozen=True, kw_only=True):
    """An image config.

    Attributes:
        created: RFC 3339, empty when it is not said.
        diff_ids: the layers' uncompressed digests, bottom first.
        history: how they came to be, bottom first, with entries for steps that made no layer.
        others: top-level fields that pack does not know, kept as they are.
    """

    platform: Platform
    diff_ids: tuple[Digest, ...]
    created: str = ""
    author: str = ""
    execution: Execution = field(default_factory=Execution)
    history: tuple[History, ...] = ()
    others: Mapping[str, object] = field(default_factory=lambda: _NOTHING)

    @classmethod
    def from_json(cls, content: bytes) -> ImageConfig:
        """Read a config. Raises `ArchiveError` for a broken one."""
        document = Document.parse(content, "image config")
        root = document.section("rootfs")
        if root.text("type", "layers") != "layers":
            raise ArchiveError(f"the image is not made of layers but of {root.text('type')!r}")
        known = ("os", "architecture", "variant", "created", "author", "config", "rootfs", "history")
        return cls(
            platform=Platform.from_json(document),
            diff_ids=tuple(Digest.parse(text) for text in root.texts("diff_ids")),
            created=document.text("created"),
            author=document.text("author"),
            execution=Execution.from_json(document.section("config")),
            history=tuple(History.from_json(entry) for entry in document.sections("history")),
            others=MappingProxyType(document.others(*known)),
        )

    def to_json(self) -> bytes:
        """The config's canonical bytes."""
        fields: dict[str, object] = {
            "created": self.created,
            "author": self.author,
            "config": self.execution.to_json(),
            "history": [entry.to_json() for entry in self.history],
        }
        return canonical_json(
            {
                **self.others,
                **{name: value for name, value in fields.items() if value},
                **self.platform.to_json(),
                "rootfs": {"type": "layers", "diff_ids": [str(diff_id) for diff_id in self.diff_ids]},
            }
        )


def merged_environment(*environments: Iterable[tuple[str, str]]) -> tuple[tuple[str, str], ...]:
    """All variables; of one that is set more than once the last value, where it first stood.

    >>> merged_environment([("A", "1"), ("B", "2")], [("A", "3")])
    (('A', '3'), ('B', '2'))
    """
    return tuple({name: value for environment in environments for name, value in environment}.items())
