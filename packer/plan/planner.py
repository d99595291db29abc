"""`make_plan`: every rule in its order."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

from packer.errors import PlanError
from packer.plan.base import DEBIAN_PYTHONS, REGISTRY_PYTHONS, choose_base, require_room_for
from packer.plan.builder import choose_builder
from packer.plan.compatibility import compatibility
from packer.plan.dependencies import plan_dependencies
from packer.plan.health import choose_health
from packer.plan.labels import image_labels
from packer.plan.model import Plan
from packer.plan.python import PythonChoice, choose_python
from packer.plan.runtime import DEFAULT_PORT, plan_runtime
from packer.plan.server import choose_server
from packer.plan.settings import Settings
from packer.plan.single import single_layout
from packer.plan.source import plan_source
from packer.plan.system_packages import runtime_packages
from packer.plan.unneeded import unneeded_distributions
from packer.plan.web import plan_web
from packer.project.model import Project

__all__ = ["make_plan"]


def make_plan(
    project: Project,
    settings: Settings,
    *,
    labels: Sequence[tuple[str, str]] = (),
    base_python: str | None = None,
    without_pythons: frozenset[str] = frozenset(),
) -> Plan:
    """Decide everything about the image. Pure: equal arguments give equal plans.

    Args:
        project: the facts.
        settings: the user's wishes, which win over what pack would choose.
        labels: image labels that come from outside the project's files (revision, creation time).
        base_python: X.Y of the base that the settings name, where it is known; no other version can be chosen then.
        without_pythons: versions that turned out not to fit, because a pinned distribution has no wheel for them.

    Raises:
        PlanError: there is no app, or no Python fits.
    """
    server, server_decisions = choose_server(project.app, settings)
    python = _python(project, settings, base_python, without_pythons)
    rules = compatibility(project, python=python.version)
    dropped, dropped_decisions = unneeded_distributions(project.dependencies)
    packages = (*settings.packages, *runtime_packages(project))
    base, base_decision = choose_base(settings.base, python.version, packages)
    if choose_builder(settings)[0] == "native":
        require_room_for(settings.packages, base)
    source, source_decisions = plan_source(project, settings)
    port = settings.port or DEFAULT_PORT
    health, health_decision = choose_health(project.app, settings, port=port)
    web, web_decisions = plan_web(project, settings, server=server, app_port=port)
    plan = Plan(
        name=project.name,
        python=python.version,
        python_alternatives=python.alternatives,
        base=base,
        dependencies=plan_dependencies(project.dependencies, project.own_package, rules, dropped),
        source=source,
        server=server,
        runtime=plan_runtime(server, source, health, settings, app=project.app, gunicorn=_pinned(project, "gunicorn")),
        labels=image_labels(labels, settings),
        bytecode="compiled" if settings.bytecode else "none",
        former_names=rules.former_names,
        services=project.services,
        celery=project.celery,
        static=project.static,
        migrations=project.migrations,
        web=web,
        decisions=(
            *project.decisions,
            *server_decisions,
            *python.decisions,
            base_decision,
            *rules.decisions,
            *dropped_decisions,
            health_decision,
            *source_decisions,
            *web_decisions,
        ),
        cautions=(*project.cautions, *python.cautions, *rules.cautions),
    )
    return single_layout(plan, project) if settings.layout == "single" else plan


def _python(
    project: Project, settings: Settings, base_python: str | None, without_pythons: frozenset[str]
) -> PythonChoice:
    """One of the base's or of Debian's; where the project allows none of Debian's, one that a registry has."""
    available = (base_python,) if base_python else tuple(DEBIAN_PYTHONS)
    fitting = [version for version in available if version not in without_pythons]
    try:
        return choose_python(project, available=fitting, wanted=settings.python or base_python)
    except PlanError:
        if base_python or without_pythons or settings.base:
            raise
        with suppress(PlanError):
            return choose_python(project, available=REGISTRY_PYTHONS)
        raise


def _pinned(project: Project, name: str) -> str | None:
    """The exact version of a distribution that the project's lock or its own pin names."""
    facts = project.dependencies
    pins = {one.name: one.pinned for one in facts.direct if one.pinned}
    return dict(facts.locked).get(name) or pins.get(name)
