"""`pack run`: one container of one image."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from packer.cli.completion import stored_references
from packer.cli.options import InsecureOption
from packer.cli.pages import ProgramCommand, program_of

if TYPE_CHECKING:
    from collections.abc import Sequence

    from packer.cli.output import Output
    from packer.engine.connection import Engine
    from packer.engine.containers import Published
    from packer.stack.running import RunOrder
    from packer.workflows.run_image import RunImage

__all__ = ["COMMAND_CLASS", "command"]

COMMAND_CLASS = ProgramCommand


def command(
    ctx: typer.Context,
    words: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="[REF] [-- COMMAND...]",
            help="The image: of pack's store, of the engine, or of a registry; :TAG is one of this project.",
            show_default="this project's latest",
            autocompletion=stored_references,
        ),
    ] = None,
    *,
    ports: Annotated[
        list[str] | None,
        typer.Option(
            "--publish",
            "-p",
            metavar="PORT[:PORT]",
            help="This machine's port, and the container's (the image's own by default); may be repeated.",
            show_default="the image's own, or a free one",
        ),
    ] = None,
    detach: Annotated[bool, typer.Option("--detach", "-d", help="Return when it has started; print its name.")] = False,
    interactive: Annotated[bool, typer.Option("--interactive", "-i", help="Give it this command's input.")] = False,
    tty: Annotated[bool, typer.Option("--tty", "-t", help="Give it a terminal.")] = False,
    remove: Annotated[bool, typer.Option("--rm", help="Remove the container when it ends.")] = False,
    name: Annotated[
        str | None, typer.Option("--name", metavar="NAME", help="The container's.", show_default="PROJECT-run-N")
    ] = None,
    variables: Annotated[
        list[str] | None,
        typer.Option("--env", "-e", metavar="NAME=VALUE", help="A variable, or NAME for this one's; may be repeated."),
    ] = None,
    files: Annotated[
        list[Path] | None,
        typer.Option("--env-file", metavar="FILE", help="Variables, one a line.", exists=True, dir_okay=False),
    ] = None,
    volumes: Annotated[
        list[str] | None,
        typer.Option("--volume", "-v", metavar="SOURCE:TARGET[:ro]", help="A folder or volume; may be repeated."),
    ] = None,
    capabilities: Annotated[
        list[str] | None, typer.Option("--cap-add", metavar="NAME", help="A capability that it needs.")
    ] = None,
    network: Annotated[
        str | None,
        typer.Option(
            "--network", metavar="NAME", help="What to attach it to: back is where this project's database is."
        ),
    ] = None,
    entrypoint: Annotated[
        str | None, typer.Option("--entrypoint", metavar="PROGRAM", help="In the place of the image's own.")
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only/--writable", help="Whether it may write to its own root.")
    ] = True,
    pull: Annotated[bool, typer.Option("--pull", help="Ask the registry, whatever is here.")] = False,
    insecure: InsecureOption = None,
) -> None:
    """Run one image in a container: hardened, reached from this machine only, and of this project.

    Its exit code is pack's, and Ctrl-C ends it in good order. Without -p and COMMAND its own port is published.

    Examples:
      pack run                            this project's latest image; prints its URL
      pack run -p 4000:80 -d              its name is printed, pack ps and pack stop know it
      pack run registry.example.com/team/shop:1.4
      pack run --rm -- flask db upgrade   a task; pack's images run Python modules
      pack run -it debian -- bash
    """
    from packer.cli.output import Output  # noqa: PLC0415 - keeps `pack --help` fast
    from packer.cli.project_stack import identity_here  # noqa: PLC0415
    from packer.engine.connection import connect  # noqa: PLC0415
    from packer.engine.containers import containers_of  # noqa: PLC0415
    from packer.stack.running import RunOrder, create, exposed_ports, find_network, told_port  # noqa: PLC0415
    from packer.stack.variables import read_variables  # noqa: PLC0415
    from packer.stack.variables import variables as parsed  # noqa: PLC0415

    out = Output(os.environ)
    reference = words[0] if words else None
    program = (*(words or ())[1:], *program_of(ctx))
    given = read_variables(files or (), os.environ) | parsed(variables or (), os.environ)
    identity = identity_here()
    with connect(os.environ, Path.home()) as engine:
        image = _image(engine, reference, out, pull=pull, insecure=insecure)
        exposed = exposed_ports(engine, image.id)
        published = _published(ports, exposed, program, engine)
        order = RunOrder(
            image=image.id,
            label=image.name,
            name=name,
            command=program,
            entrypoint=entrypoint,
            network=None if network is None else find_network(engine, network, identity),
            environment={**told_port(published, exposed, given), **given},
            ports=published,
            binds=tuple(_bind(text) for text in volumes or ()),
            capabilities=tuple(capabilities or ()),
            read_only=read_only,
            remove=remove and detach,
            stdin=interactive,
            tty=tty,
        )
        taken = {one.name for one in containers_of(engine, {"name": [identity.name]})}
        container = create(engine, order, identity, taken.__contains__)
        if detach:
            _detached(engine, container, out)
            return
        code = _foreground(engine, container, order, out, remove=remove)
    raise typer.Exit(code)


def _image(
    engine: Engine, reference: str | None, out: Output, *, pull: bool, insecure: Sequence[str] | None
) -> RunImage:
    from packer.cli.transfers import transfers  # noqa: PLC0415 - as above
    from packer.cli.wiring import blob_cache, host_platform, image_store, own_settings, registries  # noqa: PLC0415
    from packer.oci.platform_images import PlatformImages  # noqa: PLC0415
    from packer.oci.reference import Reference  # noqa: PLC0415
    from packer.workflows.names import platforms_of  # noqa: PLC0415
    from packer.workflows.run_image import ImageSources, image_to_run  # noqa: PLC0415

    cache = blob_cache(os.environ)
    store = image_store(os.environ, cache)

    def fetch(wanted: Reference) -> PlatformImages:
        from packer.workflows.pull import pull_image  # noqa: PLC0415 - as above

        where = registries(os.environ, own_settings(os.environ), insecure=insecure, note=out.note)
        with transfers(out) as watch:
            platforms = platforms_of((), host=host_platform())
            return pull_image(wanted, platforms, store=store, cache=cache, registries=where, watch=watch)

    sources = ImageSources(
        folder=Path(),
        environment=os.environ,
        store=store,
        cache=cache,
        host=host_platform(),
        fetch=fetch,
        loading=lambda familiar: out.step(f"loading {familiar} into the engine"),
    )
    return image_to_run(engine, reference, sources, pull=pull)


def _published(
    ports: Sequence[str] | None, exposed: Sequence[int], program: Sequence[str], engine: Engine
) -> tuple[Published, ...]:
    from packer.stack.ports import PortWish, free_port, parse_port, require_free, settled  # noqa: PLC0415 - as above

    wishes = [parse_port(text) for text in ports or ()]
    if ports is None and exposed and not program:
        wishes = [PortWish(outside=free_port("127.0.0.1", wished=exposed[0]), inside=exposed[0])]
    found = settled(wishes, exposed)
    if engine.endpoint.is_local:
        require_free(found)
    return found


def _bind(text: str) -> str:
    """A folder that is named from here is named from everywhere."""
    source, colon, rest = text.partition(":")
    return f"{Path(source).resolve()}{colon}{rest}" if source.startswith(".") else text


def _tell_urls(engine: Engine, container: str, out: Output) -> None:
    from packer.stack.addresses import addresses  # noqa: PLC0415 - as above
    from packer.stack.running import published  # noqa: PLC0415

    for url in addresses(published(engine, container), engine.endpoint):
        out.note(f"{container} is at {url}")


def _detached(engine: Engine, container: str, out: Output) -> None:
    from packer.stack.running import start  # noqa: PLC0415 - as above

    start(engine, container)
    _tell_urls(engine, container, out)
    out.result(container)


def _foreground(engine: Engine, container: str, order: RunOrder, out: Output, *, remove: bool) -> int:
    from packer.cli.sessions import join  # noqa: PLC0415 - as above
    from packer.engine.processes import attach  # noqa: PLC0415
    from packer.stack.running import discarded, start, stop_or_kill  # noqa: PLC0415
    from packer.system.interrupts import on_interrupt  # noqa: PLC0415

    def started() -> None:
        start(engine, container)
        _tell_urls(engine, container, out)

    def interrupted(times: int) -> None:
        out.note("stopping; Ctrl-C again ends it at once" if times == 1 else "ending it")
        stop_or_kill(engine, container, kill=times > 1)

    with discarded(engine, container, wanted=remove):
        process = attach(engine, container, stdin=order.stdin, tty=order.tty)
        with on_interrupt(interrupted):
            return join(process, stdin=order.stdin, tty=order.tty, started=started)
