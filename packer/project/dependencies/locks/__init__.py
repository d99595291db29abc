"""One reader for each lock file format; each gives a `Lock` of what production needs."""

from packer.project.dependencies.locks.pdm import read_pdm_lock
from packer.project.dependencies.locks.pipenv import read_pipfile_lock
from packer.project.dependencies.locks.poetry import read_poetry_lock
from packer.project.dependencies.locks.pylock import read_pylock
from packer.project.dependencies.locks.requirements import requirements_lock
from packer.project.dependencies.locks.uv import read_uv_lock

__all__ = [
    "read_pdm_lock",
    "read_pipfile_lock",
    "read_poetry_lock",
    "read_pylock",
    "read_uv_lock",
    "requirements_lock",
]
