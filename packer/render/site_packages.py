"""What pack adds to the Python environment: modules of its own, and the project's own metadata.

Both builders put the same files there, so this is the one place that knows them.
"""

from __future__ import annotations

from packer.plan.model import FORMER_NAMES_MODULE, FORWARDING_MODULE, SECRETS_MODULE, Plan
from packer.project.model import OwnPackage
from packer.render.rendered import RenderedFile, written_file
from packer.render.templates import rendered_file

__all__ = ["render_site_packages"]

_UNKNOWN_VERSION = "0"
"""A build back end would compute the version; pack runs none, and metadata must state one."""


def render_site_packages(plan: Plan) -> tuple[RenderedFile, ...]:
    """The files, sorted by path, which is relative to `site-packages`."""
    files = _started(SECRETS_MODULE)
    if plan.source.own_package:
        files += _metadata(plan.source.own_package)
    if plan.server.forwards:
        files.append(_forwarding(plan.server.forwards))
    if plan.former_names:
        files += _started(FORMER_NAMES_MODULE)
    return tuple(sorted(files, key=lambda file: file.path))


def _started(module: str) -> list[RenderedFile]:
    """A module that Python imports whenever it starts in the environment."""
    source = rendered_file(f"{module}.py", template=f"python/{module}.py", values={})
    return [written_file(f"{module}.pth", f"import {module}\n"), source]


def _forwarding(target: str) -> RenderedFile:
    """A module whose `app` is what `module:dotted.attribute` names."""
    module, _, attributes = target.partition(":")
    return rendered_file(
        f"{FORWARDING_MODULE}.py",
        template="python/pack_app.py.j2",
        values={"module": module, "attributes": attributes},
    )


def _metadata(package: OwnPackage) -> list[RenderedFile]:
    """The project's `.dist-info`, so that `importlib.metadata` and entry points work as if it were installed.

    Specification: https://packaging.python.org/en/latest/specifications/recording-installed-packages/
    """
    version = package.version or _UNKNOWN_VERSION
    escaped = package.name.replace("-", "_").replace(".", "_")
    folder = f"{escaped}-{version}.dist-info"
    files = [
        written_file(f"{folder}/INSTALLER", "pack\n"),
        written_file(f"{folder}/METADATA", f"Metadata-Version: 2.1\nName: {package.name}\nVersion: {version}\n"),
    ]
    groups = dict(package.entry_points)
    if package.scripts:
        groups["console_scripts"] = package.scripts
    if groups:
        sections = (f"[{group}]\n" + "".join(f"{line}\n" for line in lines) for group, lines in sorted(groups.items()))
        files.append(written_file(f"{folder}/entry_points.txt", "\n".join(sections)))
    return files
