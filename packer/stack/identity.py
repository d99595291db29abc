"""What makes a container, volume or network a project's: its labels."""

from __future__ import annotations

from msgspec import Struct

__all__ = ["DEPENDENCIES_LABEL", "FOLDER_LABEL", "PROJECT_LABEL", "RUN_LABEL", "SERVICE_LABEL", "StackIdentity"]

PROJECT_LABEL = "com.docker.compose.project"
"""What Compose writes on everything of a stack; `pack run` writes it, too, so that one question finds all."""
SERVICE_LABEL = "com.docker.compose.service"
FOLDER_LABEL = "com.docker.compose.project.working_dir"
DEPENDENCIES_LABEL = "com.docker.compose.depends_on"
RUN_LABEL = "packer.run"
"""On containers of `pack run`: the image's reference as it was resolved."""


class StackIdentity(Struct, frozen=True, kw_only=True):
    """A project as an engine knows it: the name that its labels have, and its folder on this machine."""

    name: str
    folder: str

    @property
    def filters(self) -> dict[str, list[str]]:
        """The engine's filter for what is this project's."""
        return {"label": [f"{PROJECT_LABEL}={self.name}"]}

    def run_labels(self, image: str) -> dict[str, str]:
        """What `pack run` writes on a container."""
        return {PROJECT_LABEL: self.name, FOLDER_LABEL: self.folder, RUN_LABEL: image}
