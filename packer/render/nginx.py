"""The web server's configuration: what nginx reads, and the page that it shows while the app is away."""

from __future__ import annotations

from typing import Literal

from packer.plan.model import WebPlan
from packer.project.model import StaticFolder
from packer.regex import regex
from packer.render.rendered import RenderedFile
from packer.render.templates import rendered_file

__all__ = ["DOCKER_RESOLVER", "Discovery", "render_nginx", "served_folders"]

Discovery = Literal["variable", "resolve", "static"]
"""How nginx finds the app: by a name that it asks for again and again (`variable` for any nginx, `resolve` for nginx
1.27.3 and later, which also keeps connections), or once when it starts (`static`)."""

DOCKER_RESOLVER = "127.0.0.11"
"""The name server in every network of a Docker Engine."""

_CONFIGURATION = "/etc/nginx"
_URL = regex(r"(?:/[A-Za-z0-9._~@%+:,=-]+)*")
"""URL paths as applications have them. Anything else is left to the app, which serves its own files, too."""


def served_folders(web: WebPlan) -> tuple[StaticFolder, ...]:
    """The static folders that nginx answers for."""
    return tuple(folder for folder in web.static if _URL.fullmatch(folder.url))


def render_nginx(
    web: WebPlan, *, discovery: Discovery = "variable", resolver: str = DOCKER_RESOLVER
) -> tuple[RenderedFile, ...]:
    """The files of the web server, at their places in its image.

    Args:
        web: the plan.
        discovery: how the app is found.
        resolver: the name server to ask, where one is asked.
    """
    locations = tuple(f"{folder.url}/" for folder in served_folders(web))  # `/` alone: files at the top
    main = {
        "body_limit": web.body_limit,
        "port": web.port,
        "proxies": web.proxies,
        "locations": locations,
        "root_is_static": "/" in locations,
    }
    return (
        _file("nginx.conf", main),
        _file("app/upstream.conf", {"discovery": discovery, "upstream": web.upstream, "resolver": resolver}),
        _file("app/proxy.conf", {"discovery": discovery, "read_timeout": web.read_timeout}),
        _file("app/headers.conf", {}),
        rendered_file("/srv/pages/.unavailable.html", template="nginx/unavailable.html.j2", values={}),
    )


def _file(name: str, values: dict[str, object]) -> RenderedFile:
    template = f"nginx/{name.removeprefix('app/')}.j2"
    return rendered_file(f"{_CONFIGURATION}/{name}", template=template, values=values)
