"""`pack inspect --json`: a project as the document of schema 1, which `schema.json` beside this file describes."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from importlib import resources
from typing import Any

from packer.project.model import (
    AppFacts,
    Caution,
    Decision,
    Evidence,
    HealthRoute,
    Project,
    ServerFacts,
)

__all__ = ["SCHEMA", "report_schema", "to_report"]

SCHEMA = 1
"""Keys may be added to the document; none is removed or changes its meaning without a new number."""


def report_schema() -> str:
    """The JSON schema of the document, as text."""
    return resources.files("packer.project").joinpath("schema.json").read_text("utf-8")


def to_report(
    project: Project,
    *,
    python_version: str | None,
    system_packages: Mapping[str, Iterable[str]] | None = None,
    plan_decisions: Iterable[Decision] | None = None,
) -> dict[str, Any]:
    """The document.

    Args:
        project: the facts.
        python_version: the chosen X.Y, None when no plan was made.
        system_packages: Debian packages under `build` and `runtime`.
        plan_decisions: the plan's decisions, which include the project's; without them those of the project alone.
    """
    packages = system_packages or {}
    decisions = project.decisions if plan_decisions is None else plan_decisions
    return {
        "schema": SCHEMA,
        "name": project.name,
        "python": {"requires": project.python.requires, "version": python_version},
        "dependencies": {
            "manager": project.dependencies.manager,
            "manifest": project.dependencies.manifest,
            "lock": project.dependencies.lock,
            "direct": sorted({requirement.name for requirement in project.dependencies.direct}),
            "inferred": project.dependencies.inferred,
        },
        "app": _app(project.app),
        "services": [{"kind": service.kind, "driver": service.driver} for service in project.services],
        "static": [{"url": folder.url, "path": folder.path} for folder in project.static],
        "migrations": {"tool": project.migrations.tool, "path": project.migrations.path}
        if project.migrations
        else None,
        "environment": [
            {
                "name": variable.name,
                "required": variable.required,
                "role": variable.role,
                "default": variable.default,
                "example": variable.example,
            }
            for variable in project.environment
        ],
        "writable": [{"path": place.path, "kind": place.kind} for place in project.writable],
        "system_packages": {half: sorted(packages.get(half, ())) for half in ("build", "runtime")},
        "decisions": [_decision(decision) for decision in decisions],
        "cautions": [_caution(caution) for caution in project.cautions],
    }


def _app(app: AppFacts) -> dict[str, Any]:
    best = app.best
    return {
        "framework": best.framework if best else None,
        "interface": best.interface if best else None,
        "target": best.target if best else None,
        "path": best.path if best else None,
        "candidates": [candidate.target for candidate in app.candidates],
        "import_root": best.import_root if best else None,
        "working_directory": best.working_directory if best else None,
        "refusal": app.refusal,
        "health": [_health(route) for route in app.health],
        "max_content_length": app.max_content_length,
        "server": _server(app.server),
    }


def _health(route: HealthRoute) -> dict[str, Any]:
    return {"url": route.url, "kind": route.kind}


def _server(server: ServerFacts) -> dict[str, Any]:
    return {
        "kind": server.kind,
        "worker_class": server.worker_class,
        "single_worker": server.single_worker,
        "config": server.config_path,
        "config_issues": list(server.config_issues),
        "arguments": list(server.arguments),
    }


def _decision(decision: Decision) -> dict[str, Any]:
    return {
        "subject": decision.subject,
        "choice": decision.choice,
        "reason": decision.reason,
        "evidence": [_evidence(evidence) for evidence in decision.evidence],
        "override": decision.override,
    }


def _caution(caution: Caution) -> dict[str, Any]:
    return {
        "what": caution.what,
        "hint": caution.hint,
        "evidence": [_evidence(evidence) for evidence in caution.evidence],
    }


def _evidence(evidence: Evidence) -> dict[str, Any]:
    return {"path": evidence.path, "line": evidence.line, "excerpt": evidence.excerpt}
