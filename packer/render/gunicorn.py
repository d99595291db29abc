"""The server's configuration: a plain Python file that gunicorn loads when the container starts."""

from __future__ import annotations

from packer.plan.model import GUNICORN_CONFIG, ServerPlan
from packer.render.places import GUNICORN
from packer.render.rendered import RenderedFile
from packer.render.templates import rendered_file

__all__ = ["render_gunicorn"]


def render_gunicorn(server: ServerPlan, *, port: int, health: str | None = None, owned: bool = False) -> RenderedFile:
    """`gunicorn.conf.py` for a server, for gunicorn 20 and later on Python 3.8 and later.

    Args:
        server: how the app is served.
        port: where to listen when `PORT` is not set.
        owned: the file goes into the project, for its owner to edit, and not into an image.
        health: the URL path of the container's own health check, whose good answers are kept out of the access log.
    """
    values = {
        "owned": owned,
        "port": port,
        "health": health,
        "workers": server.workers,
        "worker_class": server.worker_class,
        "threads": server.threads if server.worker_class == "gthread" else None,
        "timeout": server.timeout,
    }
    path = GUNICORN if owned else str(GUNICORN_CONFIG)
    return rendered_file(path, template="gunicorn/gunicorn.conf.py.j2", values=values)
