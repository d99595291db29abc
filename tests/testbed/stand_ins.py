"""Stand-ins for the images of public registries that generated files name, made of Debian packages in a test's engine.

They have what the generated files count on, and the names under which those ask for them.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

from packer.plan.base import DEBIAN_PYTHONS
from packer.render.dockerfile import WEB_IMAGE

from . import apt
from .daemon import Daemon

__all__ = ["MARIADB", "PYTHON", "StandInError", "docker", "make_stand_ins"]

PYTHON = f"python:3.13-slim-{DEBIAN_PYTHONS['3.13']}"
MARIADB = "stand-in/mariadb:11"
_ROOT = "stand-in/debian"
_PACKAGES = ("busybox", "ca-certificates", "mariadb-server", "nginx-light", "python3", "python3-pip", "python3-venv")
_DATABASE = """\
#!/bin/sh
# What the official image does: a database and an account, from the environment, before it listens to anybody.
set -e
mkdir -p /run/mysqld
chown mysql: /run/mysqld /var/lib/mysql
if [ ! -d /var/lib/mysql/mysql ]; then
  mariadb-install-db --user=mysql --datadir=/var/lib/mysql >/dev/null
  mariadbd --user=mysql --bootstrap <<SQL
FLUSH PRIVILEGES;
CREATE DATABASE $MYSQL_DATABASE;
CREATE USER '$MYSQL_USER'@'%' IDENTIFIED BY '$(cat "$MYSQL_PASSWORD_FILE")';
GRANT ALL ON $MYSQL_DATABASE.* TO '$MYSQL_USER'@'%';
SQL
fi
exec mariadbd --user=mysql --bind-address=0.0.0.0
"""
_DOCKERFILE = f"""\
FROM {_ROOT} AS python
RUN rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \\
 && ln -s /usr/bin/python3 /usr/local/bin/python \\
 && ln -s /usr/bin/python3 /usr/local/bin/python3
FROM {_ROOT} AS nginx
RUN ln -s /usr/bin/busybox /usr/local/bin/wget
ENTRYPOINT ["nginx", "-e", "stderr", "-g", "daemon off;"]
FROM {_ROOT} AS mariadb
RUN rm -rf /var/lib/mysql/*
COPY --chmod=755 database.sh /database.sh
ENTRYPOINT ["/database.sh"]
"""


class StandInError(Exception):
    """They cannot be made here; the text says why."""


def make_stand_ins(engine: Daemon) -> None:
    """Put the images into an engine. Raises `StandInError` or `apt.AptError`."""
    apt.install(["mmdebstrap"])
    with tempfile.TemporaryDirectory(prefix="pack-stand-ins-") as name:
        folder = Path(name)
        root = folder / "root.tar"
        command = ["mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(_PACKAGES)}"]
        done = subprocess.run([*command, "trixie", root, apt.mirror()], check=False, capture_output=True, text=True)
        if done.returncode:
            raise StandInError(f"mmdebstrap failed: {done.stderr[-400:]}")
        docker(engine, "import", str(root), _ROOT)
        root.unlink()
        (folder / "Dockerfile").write_text(_DOCKERFILE)
        (folder / "database.sh").write_text(_DATABASE)
        for target, tag in (("python", PYTHON), ("nginx", WEB_IMAGE), ("mariadb", MARIADB)):
            docker(engine, "buildx", "build", "--quiet", "--target", target, "-t", tag, str(folder))


def docker(engine: Daemon, *words: str, folder: Path | None = None) -> str:
    """Run a `docker` command to its good end; its output. Raises `StandInError` with its words."""
    done = subprocess.run(
        [engine.client, *words],
        check=False,
        capture_output=True,
        text=True,
        cwd=folder,
        env={**os.environ, **engine.environment},
        stdin=subprocess.DEVNULL,
    )
    if done.returncode:
        raise StandInError(f"docker {' '.join(words[:3])}: {done.stderr[-3000:]}")
    return done.stdout
