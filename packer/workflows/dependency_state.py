"""What stands for everything in an image but the project's own source."""

from __future__ import annotations

from packer import __version__
from packer.build.lockfile import dump
from packer.oci.digest import Digest
from packer.workflows.build_request import BuildRequest
from packer.workflows.locks import dependency_inputs
from packer.workflows.preparation import Preparation

__all__ = ["dependency_state"]


def dependency_state(prepared: Preparation, request: BuildRequest) -> Digest:
    """What stands for everything below the source: builds that agree on it have most layers in common.

    It only says where to look for what others know; each thing that they know has a key of its own.
    """
    settings, facts = request.settings, prepared.project.dependencies
    lock = dump(prepared.lock) if prepared.lock else ""
    wishes = (__version__, settings.python, settings.base, *settings.packages, settings.bytecode)
    parts = (
        dependency_inputs(facts),
        lock,
        *map(str, (*wishes, *request.platforms)),
        *(f"{name}=={version}" for name, version in facts.locked),
    )
    return Digest.of("\0".join(parts).encode("utf-8", "surrogateescape"))
