"""The commands, each known by its name and summary until it is called: `--help` and a call import no other command."""

from __future__ import annotations

from importlib import import_module
from typing import Any

import typer
from msgspec import Struct

from packer.cli.pages import CONTEXT_SETTINGS, PlainCommand, PlainGroup

__all__ = ["COMMANDS", "CommandGroup", "CommandSummary"]


class CommandSummary(Struct, frozen=True):
    """What `pack --help` says of a command: `command` of the module `packer.cli.<name>`, or a group, its `app`.

    Attributes:
        name: as it is typed.
        help: one sentence.
        panel: the heading it stands under.
    """

    name: str
    help: str
    panel: str

    def load(self) -> PlainCommand | PlainGroup:
        """The command itself, imported."""
        module = import_module(f"packer.cli.{self.name}")
        if hasattr(module, "command"):
            alone = typer.Typer(add_completion=False, pretty_exceptions_enable=False, context_settings=CONTEXT_SETTINGS)
            alone.command(self.name, cls=getattr(module, "COMMAND_CLASS", PlainCommand))(module.command)
            loaded = typer.main.get_command(alone)
        else:
            loaded = typer.main.get_command(module.app)
        assert isinstance(loaded, PlainCommand | PlainGroup)
        return loaded


COMMANDS = (
    CommandSummary("inspect", "Show what was found, what will be built, why, and what to set to change it.", "Start"),
    CommandSummary("lock", "Pin the base and the distributions, so that every build gives the same.", "Start"),
    CommandSummary("generate", "Write the files that make the same with a container engine, to own.", "Start"),
    CommandSummary("doctor", "Show what stands between this project and a running stack, with each fix.", "Start"),
    CommandSummary("build", "Build the image. Needs no Dockerfile, no Docker daemon, no root.", "Image"),
    CommandSummary("tag", "Give an image in the store further names.", "Image"),
    CommandSummary("push", "Push images to their registry. Sends only what the registry lacks.", "Image"),
    CommandSummary("pull", "Pull an image from its registry into pack's store.", "Image"),
    CommandSummary("login", "Log in to a registry.", "Image"),
    CommandSummary("logout", "Forget a registry's credential.", "Image"),
    CommandSummary("sbom", "List everything in an image, with licences, as a CycloneDX document.", "Image"),
    CommandSummary("provenance", "Show what an image was made of, as its build noted it.", "Image"),
    CommandSummary("images", "List the images in the store.", "Image"),
    CommandSummary("rmi", "Remove images from the store.", "Image"),
    CommandSummary("cache", "Show, prune or clear what builds keep on this machine.", "Image"),
    CommandSummary("run", "Run one image: this project's own, another one, or one of a registry.", "Run"),
    CommandSummary("up", "Build and start the whole stack, and wait until it is well.", "Run"),
    CommandSummary("down", "Stop the stack; its data stays.", "Run"),
    CommandSummary("ps", "Show this project's containers: state, health, URLs.", "Run"),
    CommandSummary("logs", "Show what this project's containers write.", "Run"),
    CommandSummary("exec", "Run a command in a service's container.", "Run"),
    CommandSummary("shell", "Open a shell, or the app's Python, in a service's container.", "Run"),
    CommandSummary("db", "Open, dump or restore this project's database.", "Run"),
    CommandSummary("stop", "Stop this project's containers, in good order.", "Run"),
    CommandSummary("kill", "End this project's containers at once, or send them a signal.", "Run"),
    CommandSummary("rm", "Remove this project's containers.", "Run"),
    CommandSummary("prune", "Remove what this project left behind: containers, old images.", "Run"),
)
"""In the order of `pack --help`."""


class CommandGroup(PlainGroup):
    """All commands. Help, completion and suggestions see summaries; the one that is called is loaded."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        for one in COMMANDS:
            self.commands[one.name] = PlainCommand(one.name, help=one.help, rich_help_panel=one.panel)

    def resolve_command(self, ctx: Any, args: list[str]) -> tuple[str | None, Any, list[str]]:
        """The command that is called."""
        name, found, rest = super().resolve_command(ctx, args)
        return name, next((one.load() for one in COMMANDS if found and one.name == found.name), None), rest
