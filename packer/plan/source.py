"""Rule: what of the project goes to `/app`, and which places stay writable."""

from __future__ import annotations

from pathlib import PurePosixPath

from packer.plan.model import APP_ROOT, SourcePlan, Volume
from packer.plan.server import image_path
from packer.plan.settings import Settings
from packer.project.model import Decision, Project, WritablePath

__all__ = ["STATE_FOLDER", "plan_source"]

STATE_FOLDER = PurePosixPath("/var/lib/app")
"""The volume for single files that the app writes beside its code; the image links each of them to here."""


def plan_source(project: Project, settings: Settings) -> tuple[SourcePlan, tuple[Decision, ...]]:
    """The source layer's content and the volumes, with the reason for each volume."""
    directories = _outermost([place for place in project.writable if place.kind == "directory"])
    files = [
        place
        for place in project.writable
        if place.kind == "file"
        and not place.path.endswith(".py")
        and not any(_inside(place.path, folder.path) for folder in directories)
    ]
    volumes = [Volume(path=str(APP_ROOT / folder.path)) for folder in directories]
    volumes += [Volume(path=path) for path in settings.volumes if path not in {volume.path for volume in volumes}]
    if files:
        links = tuple((str(APP_ROOT / place.path), str(STATE_FOLDER / _flat_name(place.path))) for place in files)
        volumes.append(Volume(path=str(STATE_FOLDER), links=links))
    decisions = tuple(
        Decision(
            subject="image.volume",
            choice=str(APP_ROOT / place.path),
            reason=_reason(place),
            evidence=place.evidence,
            override="volumes = […]",
        )
        for place in (*directories, *files)
    )
    roots = dict.fromkeys(map(image_path, project.import_roots))
    plan = SourcePlan(
        import_roots=tuple(roots) or (str(APP_ROOT),),
        exclude=settings.exclude,
        own_package=project.own_package,
        volumes=tuple(sorted(volumes, key=lambda volume: volume.path)),
    )
    return plan, decisions


def _outermost(folders: list[WritablePath]) -> list[WritablePath]:
    """Without the folders that lie inside another one, and without the root, which must stay read-only."""
    kept = [folder for folder in folders if folder.path not in ("", ".")]
    return [one for one in kept if not any(one is not other and _inside(one.path, other.path) for other in kept)]


def _inside(path: str, folder: str) -> bool:
    return PurePosixPath(folder) in PurePosixPath(path).parents


def _flat_name(path: str) -> str:
    """One file name for a path, because a fresh volume has no folders.

    >>> _flat_name("blog/site.db")
    'blog-site.db'
    """
    return path.replace("/", "-")


def _reason(place: WritablePath) -> str:
    if place.kind == "file":
        return f"the app writes this file; the image links it into the volume {STATE_FOLDER}"
    return "the app writes into this folder"
