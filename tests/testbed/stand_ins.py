"""Stand-ins for the images of public registries that generated files name, made of Debian packages in a test's engine.

They have what the generated files count on, and the names under which those ask for them.
"""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

from packer.plan.base import DEBIAN_PYTHONS
from packer.render.dockerfile import WEB_IMAGE

from . import apt
from .daemon import Daemon

__all__ = [
    "MARIADB",
    "MYSQL",
    "PYTHON",
    "StandInError",
    "copy_stand_ins",
    "docker",
    "make_bookworm",
    "make_mysql",
    "make_stand_ins",
]

PYTHON = f"python:3.13-slim-{DEBIAN_PYTHONS['3.13']}"
MARIADB = "stand-in/mariadb:11"
MYSQL = "mysql:9.7"
_PACKAGES = ("ca-certificates", "libpython3-dev", "python3", "python3-pip", "python3-venv")
"""What Docker's own Python image has, without a compiler and without anybody's libraries."""
_MYSQL_PACKAGES = ("mysql-client", "mysql-server-core")
_MYSQL_FOLDER = Path(__file__).parent / "images" / "mysql"
_APT = ("--aptopt=Acquire::Check-Valid-Until false", '--aptopt=Acquire::Retries "8"')
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
_DOCKERFILE = """\
ARG ROOT
FROM ${ROOT} AS python
RUN echo 'Acquire::Retries "8";' > /etc/apt/apt.conf.d/80-patience \\
 && rm -f /usr/lib/python3*/EXTERNALLY-MANAGED \\
 && ln -s /usr/bin/python3 /usr/local/bin/python \\
 && ln -s /usr/bin/python3 /usr/local/bin/python3
ENV PATH=/usr/local/bin:/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin GPG_KEY=0 PYTHON_VERSION=3 PYTHON_SHA256=0
CMD ["python3"]
FROM python AS nginx
RUN apt-get update && apt-get install -y --no-install-recommends busybox nginx-light \\
 && ln -s /usr/bin/busybox /usr/local/bin/wget
ENTRYPOINT ["nginx", "-e", "stderr", "-g", "daemon off;"]
FROM python AS mariadb
RUN apt-get update && apt-get install -y --no-install-recommends mariadb-server && rm -rf /var/lib/mysql/*
COPY --chmod=755 database.sh /database.sh
ENTRYPOINT ["/database.sh"]
"""


class StandInError(Exception):
    """They cannot be made here; the text says why."""


def make_stand_ins(engine: Daemon) -> None:
    """Put the images into an engine. Raises `StandInError` or `apt.AptError`."""
    _make(engine, "trixie", {"python": PYTHON, "nginx": WEB_IMAGE, "mariadb": MARIADB})


def make_bookworm(engine: Daemon) -> None:
    """Put the Python image of the release before into an engine. Raises as `make_stand_ins`."""
    _make(engine, "bookworm", {"python": "python:3.11-slim-bookworm"})


def make_mysql(engine: Daemon) -> None:
    """Put Debian unstable's MySQL into an engine. Raises as `make_stand_ins`."""
    base = _root(engine, "unstable", _MYSQL_PACKAGES)
    docker(engine, "buildx", "build", "--quiet", "--build-arg", f"ROOT={base}", "-t", MYSQL, str(_MYSQL_FOLDER))


def _root(engine: Daemon, suite: str, packages: Sequence[str]) -> str:
    """Make an image of packages alone. A mirror's unstable may be older than it says that it stays true."""
    apt.install(["mmdebstrap"])
    base = f"stand-in/{suite}"
    with tempfile.TemporaryDirectory(prefix="pack-stand-ins-") as name:
        root = Path(name) / "root.tar"
        options = ["--quiet", "--variant=minbase", *_APT]
        command = ["mmdebstrap", *options, f"--include={','.join(packages)}", suite, str(root), apt.mirror()]
        done = subprocess.run(command, check=False, capture_output=True, text=True)
        if done.returncode:
            raise StandInError(f"mmdebstrap failed: {done.stderr[-400:]}")
        docker(engine, "import", str(root), base)
    return base


def _make(engine: Daemon, suite: str, tags: Mapping[str, str]) -> None:
    base = _root(engine, suite, _PACKAGES)
    with tempfile.TemporaryDirectory(prefix="pack-stand-ins-") as name:
        folder = Path(name)
        (folder / "Dockerfile").write_text(_DOCKERFILE)
        (folder / "database.sh").write_text(_DATABASE)
        words = ("buildx", "build", "--quiet", "--build-arg", f"ROOT={base}")
        for target, tag in tags.items():
            docker(engine, *words, "--target", target, "-t", tag, str(folder))


def copy_stand_ins(source: Daemon, target: Daemon) -> None:
    """Give another engine the images for an app and its web server, which is quicker than making them again."""
    with tempfile.TemporaryDirectory(prefix="pack-stand-ins-") as name:
        archive = str(Path(name, "images.tar"))
        docker(source, "save", "-o", archive, PYTHON, WEB_IMAGE)
        docker(target, "load", "--quiet", "-i", archive)


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
