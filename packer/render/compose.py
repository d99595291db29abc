"""Compose's files: the stack on one machine, for development and for a server; and what MySQL reads."""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import asdict

from packer.plan.stack_model import BackingService, SecretPlan, StackPlan
from packer.plan.stack_services import is_mariadb
from packer.render.places import COMPOSE, COMPOSE_DEVELOPMENT, COMPOSE_PRODUCTION, MYSQL
from packer.render.quoting import plain
from packer.render.rendered import RenderedFile
from packer.render.templates import rendered_file

__all__ = ["render_compose"]


_WANTED = "the application needs it - write it to the file .env"


class ComposeView(Struct, frozen=True, kw_only=True):
    """What `compose.yaml` says, beside what the plan of the stack does: names of volumes and files that are mounted.

    `image_default` and `web_image_default` are what Compose builds, unless the environment names another image.
    """

    image_default: str
    web_image_default: str
    volume_names: tuple[str, ...]
    configurations: tuple[tuple[str, str], ...]


def render_compose(stack: StackPlan) -> tuple[RenderedFile, ...]:
    """The three files, and `mysql.cnf` where MySQL is in the stack."""
    mysql = stack.service("mysql")
    return (
        _main(stack),
        rendered_file(
            COMPOSE_DEVELOPMENT, template="compose/compose.override.yaml.j2", values={"rebuilt": stack.rebuilt}
        ),
        rendered_file(
            COMPOSE_PRODUCTION,
            template="compose/compose.prod.yaml.j2",
            values={"migrate": bool(stack.migrate), "worker": bool(stack.worker), "web_port": stack.web_port},
        ),
        *((_mysql(mysql),) if mysql else ()),
    )


def _main(stack: StackPlan) -> RenderedFile:
    image = plain(stack.image)
    view = ComposeView(
        image_default=f"${{IMAGE:-{image}}}",
        web_image_default=f"${{WEB_IMAGE:-{image}-web}}",
        volume_names=tuple(sorted({name for name, _ in stack.volumes} | {one.name for one in stack.services})),
        configurations=tuple(
            (one.name, f"./{one.configuration[0]}") for one in stack.services if one.configuration is not None
        ),
    )
    values = {
        **asdict(view),
        "name": stack.name,
        "web_port": stack.web_port,
        "environment": stack.environment,
        "wanted": tuple((name, f"${{{plain(name)}:?{_WANTED}}}") for name in stack.wanted),
        "app_secrets": tuple({**asdict(one), "path": one.path} for one in stack.app_secrets),
        "secrets": tuple(map(_secret, stack.secrets)),
        "volumes": stack.volumes,
        "services": tuple(map(asdict, stack.services)),
        "migrate": stack.migrate,
        "worker": stack.worker,
    }
    return rendered_file(COMPOSE, template="compose/compose.yaml.j2", values=values)


def _secret(secret: SecretPlan) -> dict[str, object]:
    return {"name": secret.name}


def _mysql(service: BackingService) -> RenderedFile:
    collation = "utf8mb4_unicode_ci" if is_mariadb(service.image) else "utf8mb4_0900_ai_ci"
    values = {"collation": collation, "buffer_pool": service.memory // 2}
    return rendered_file(MYSQL, template="mysql/mysql.cnf.j2", values=values)
