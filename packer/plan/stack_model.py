"""The nouns of a stack: what runs beside the app, and what each is told."""

from __future__ import annotations

from typing import Literal

from msgspec import Struct

from packer.project.model import Caution

__all__ = ["AppSecret", "BackingService", "SecretPlan", "StackPlan"]


class SecretPlan(Struct, frozen=True, kw_only=True):
    """A secret, which lies in a file of its name.

    Attributes:
        name: lower case.
        kind: a `password` or `key` is made up where there is none; an `address` follows from others; a `given` one
            comes from somebody else.
        address: a URL with other secrets' names in braces.
    """

    name: str
    kind: Literal["password", "key", "address", "given"]
    address: str | None = None


class AppSecret(Struct, frozen=True, kw_only=True):
    """A variable of the app that names a secret's file; `target` is where it is, None for the usual folder."""

    variable: str
    secret: str
    target: str | None = None

    @property
    def path(self) -> str:
        """The file in the container."""
        return self.target or f"/run/secrets/{self.secret}"


class BackingService(Struct, frozen=True, kw_only=True):
    """A service that the app talks to.

    Attributes:
        name: its host name in the stack.
        kind: `mysql`, `postgresql` or `redis`.
        image: a reference.
        command: in the place of the image's own, empty for that.
        environment: its variables.
        secrets: names of secrets that are mounted.
        volume: where its data is.
        configuration: the file of pack's that it reads, relative to the project, and where; None for none.
        probe: the shell command that ends well when it can be used.
        memory: the limit, in MiB.
        grace: seconds that it gets to stop.
    """

    name: str
    kind: Literal["mysql", "postgresql", "redis"]
    image: str
    command: tuple[str, ...] = ()
    environment: tuple[tuple[str, str], ...] = ()
    secrets: tuple[str, ...] = ()
    volume: str
    configuration: tuple[str, str] | None = None
    probe: str
    memory: int
    grace: int


class StackPlan(Struct, frozen=True, kw_only=True):
    """Everything that runs together.

    Attributes:
        name: the stack's.
        image: the app's image, without a tag.
        app_port: where the app listens.
        web_port: where the web server listens, in its container.
        environment: variables of the app that everybody may know.
        wanted: variables that the app needs and only its user can say.
        app_secrets: variables of the app that name secrets' files.
        secrets: all secrets of the stack.
        volumes: named volumes of the app with their places.
        services: what the app talks to.
        migrate: brings the database up to date before the app starts; None for nothing to do.
        worker: runs background tasks; None for none.
        rebuilt: files of the project that change what is installed.
        cautions: what the stack cannot do.
    """

    name: str
    image: str
    app_port: int
    web_port: int
    environment: tuple[tuple[str, str], ...] = ()
    wanted: tuple[str, ...] = ()
    app_secrets: tuple[AppSecret, ...] = ()
    secrets: tuple[SecretPlan, ...] = ()
    volumes: tuple[tuple[str, str], ...] = ()
    services: tuple[BackingService, ...] = ()
    migrate: tuple[str, ...] | None = None
    worker: tuple[str, ...] | None = None
    rebuilt: tuple[str, ...] = ()
    cautions: tuple[Caution, ...] = ()

    def service(self, kind: str) -> BackingService | None:
        """The service of a kind, if there is one."""
        return next((service for service in self.services if service.kind == kind), None)
