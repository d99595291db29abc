"""`pack build --builder engine`: BuildKit makes the image, and it stays in the engine, or goes to a registry."""

from __future__ import annotations

import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from packer.cli.wiring import blob_cache, workshop
from packer.engine.buildx import Buildx, find_buildx
from packer.engine.built_images import EngineImage, find_engine_image, saved_image
from packer.engine.connection import Engine, connect
from packer.errors import UsageError
from packer.oci.reference import DEFAULT_TAG, Reference
from packer.system.files import replacing
from packer.system.git import head_branch
from packer.workflows.boot_check import require_boot
from packer.workflows.build_secrets import build_secrets
from packer.workflows.engine_build import EngineBuild, EngineBuilt, build_by_engine
from packer.workflows.names import names_of, source_tags
from packer.workflows.own_repository import web_archive, web_reference

if TYPE_CHECKING:
    from packer.build.workshop import Workshop
    from packer.cli.building import Order
    from packer.cli.output import Output
    from packer.workflows.build_request import Role
    from packer.workflows.timings import Timings

__all__ = ["EngineDelivered", "EngineWishes", "build_in_engine"]


class EngineWishes(Struct, frozen=True, kw_only=True):
    """What the command line says for the engine: the builder's name, caches, and secrets (`id=…,src=…`)."""

    builder: str | None
    cache_from: tuple[str, ...]
    cache_to: tuple[str, ...]
    secrets: tuple[str, ...]


class EngineDelivered(Struct, frozen=True, kw_only=True):
    """An image that an engine made, for people and programs.

    `image` is None for one that went to a registry and is not in the engine.
    """

    role: Role
    built: EngineBuilt
    image: EngineImage | None

    @property
    def references(self) -> tuple[Reference, ...]:
        """Its names."""
        return self.built.references

    @property
    def name(self) -> str:
        """The first name, as `reference@digest`."""
        return f"{self.references[0]}@{self._digest}"

    @property
    def _digest(self) -> str:
        return self.built.result.digest or (self.image.id if self.image else "")

    def summary(self) -> list[str]:
        """Lines for people."""
        lines = []
        if self.image:
            size, count = self.image.size / 1e6, len(self.image.diff_ids)
            lines.append(f"{self.image.platform}  {size:.1f} MB unpacked, {count} layers, in the engine")
        if len(self.references) > 1:
            lines.append(f"also named {', '.join(reference.familiar for reference in self.references[1:])}")
        return lines

    def rows(self) -> list[dict[str, Any]]:
        """The image as `pack build --json` has it; an engine tells neither the stored size of a layer nor its blob."""
        layers = self.image.diff_ids if self.image else ()
        return [
            {
                "role": self.role,
                "reference": str(self.references[0]),
                "digest": self._digest,
                "platform": self.image.platform if self.image else None,
                "size": self.image.size if self.image else None,
                "layers": [{"digest": None, "diff_id": one, "size": None, "media_type": None} for one in layers],
            }
        ]


def build_in_engine(order: Order, wishes: EngineWishes, out: Output, timings: Timings) -> list[EngineDelivered]:
    """The app's image, and the web image where it is wanted.

    Raises:
        UsageError: something was asked for that only the native builder gives.
        EngineError: the engine or its builder is not there.
        BuildError: the build failed.
    """
    _refuse(order)
    settings = order.request.settings
    tools = workshop(os.environ, blob_cache(os.environ), settings=settings, offline=order.offline, note=timings.note)
    roles: tuple[Role, ...] = ("app", "web") if order.web else ("app",)
    builder = wishes.builder or settings.engine.builder
    with ThreadPoolExecutor(1) as pool:  # buildx is asked while the project is read
        asked = pool.submit(find_buildx, os.environ, builder=builder)
        building = _Building(order, wishes, asked.result, tools, out, timings)
        return [building.built(role) for role in roles]


def _refuse(order: Order) -> None:
    native = "use the native builder (--builder native), or add --push, where the registry keeps it"
    if order.destination.kind == "oci":
        raise UsageError(
            "the engine builder writes no OCI layout", hint="use --output archive:FILE, or --builder native"
        )
    if (order.bill or order.provenance) and order.upload is None:
        raise UsageError("an engine keeps neither a bill of materials nor a provenance beside an image", hint=native)
    if order.offline or order.request.frozen:
        raise UsageError("--offline and --frozen are the native builder's", hint="use --builder native")


class _Building(Struct, frozen=True):
    """What stays the same from image to image."""

    order: Order
    wishes: EngineWishes
    buildx: Callable[[], Buildx]
    tools: Workshop
    out: Output
    timings: Timings

    def built(self, role: Role) -> EngineDelivered:
        """Build one image, and bring it to where it is wanted."""
        order = self.order
        if not self._stays_here:
            return EngineDelivered(role=role, built=self._made(role, _pushed(order)), image=None)
        built = self._made(role, ("--load",))
        for caution in built.cautions:
            self.out.caution(caution)
        name = str(built.references[0])
        image = find_engine_image(os.environ, Path.home(), name)
        if order.check or order.destination.kind == "archive":
            with connect(os.environ, Path.home()) as engine:
                if order.check and role == "app":
                    require_boot(engine, name, built.boot, progress=self.timings)
                if order.destination.kind == "archive":
                    self._save(engine, name, role)
        if order.upload is not None:  # what was built is in the builder's cache, so this only sends
            built = replace(built, result=self._made(role, _pushed(order)).result)
        return EngineDelivered(role=role, built=built, image=image)

    @property
    def _stays_here(self) -> bool:
        order = self.order
        return order.upload is None or order.load or order.check or order.destination.kind == "archive"

    def _made(self, role: Role, output: tuple[str, ...]) -> EngineBuilt:
        wishes, settings = self.wishes, self.order.request.settings.engine
        with build_secrets(os.environ) as known:
            secrets = {**known, **dict(map(_secret, wishes.secrets))}
            return build_by_engine(
                replace(self.order.request, role=role),
                EngineBuild(
                    secrets=tuple(secrets.items()),
                    cache_from=(*settings.cache_from, *wishes.cache_from),
                    cache_to=(*settings.cache_to, *wishes.cache_to),
                    output=output,
                ),
                self.tools,
                self.buildx,
                named=_namer(self.order, role),
                line=None if self.out.live is not None else self.timings.note,
                progress=self.timings,
            )

    def _save(self, engine: Engine, name: str, role: Role) -> None:
        path = self.order.destination.path
        path = web_archive(path) if role == "web" else path
        with self.timings.step("writing the archive"), replacing(path) as stream:
            stream.writelines(saved_image(engine, name))


def _pushed(order: Order) -> tuple[str, ...]:
    bill = ("--sbom=true",) if order.bill else ()
    return ("--push", *bill, *(("--provenance=mode=max",) if order.provenance else ()))


def _secret(text: str) -> tuple[str, Path]:
    """Read `id=NAME,src=FILE`, as buildx has it. Raises `UsageError` for anything else."""
    fields = dict(part.partition("=")[::2] for part in text.split(","))
    path = fields.get("src") or fields.get("source")
    if not fields.get("id") or not path:
        raise UsageError(f"{text!r} is not a secret", hint="write --secret id=NAME,src=FILE")
    if not Path(path).is_file():
        raise UsageError(f"there is no file for the secret {fields['id']}", where=path)
    return fields["id"], Path(path)


def _namer(order: Order, role: Role) -> Callable[[str], tuple[Reference, ...]]:
    request = order.request

    def named(project: str) -> tuple[Reference, ...]:
        tags = source_tags(request.provenance, changed=False, branch=head_branch(request.folder))
        names = names_of(order.names, request.settings.image, project=project, tags=tags or (DEFAULT_TAG,))
        return names if role == "app" else tuple(map(web_reference, names))

    return named
