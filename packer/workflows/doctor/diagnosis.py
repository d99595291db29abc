"""All checks of a project and its machine, and what they come to."""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Iterator, Mapping
from contextlib import ExitStack
from functools import partial
from pathlib import Path

from msgspec import Struct

from packer.debian.mirrors import Mirrors
from packer.engine.connection import connect
from packer.engine.facts import engine_facts
from packer.errors import PackError
from packer.oci.platform import Platform
from packer.plan.finding import Area, Finding, broken_code
from packer.plan.model import DebianBase, Plan, ReferenceBase
from packer.plan.settings import Settings
from packer.plan.stack import plan_stack
from packer.plan.stack_model import StackPlan
from packer.project.model import Project
from packer.registry.credentials import Keychain
from packer.registry.registries import Registries
from packer.stack.compose import Compose, find_compose
from packer.stack.identity import StackIdentity
from packer.stack.ports import port_is_free
from packer.stack.waiting import published_port
from packer.system.http import Exchange
from packer.wheels.uv import Uv
from packer.workflows.doctor import credentials, machine, network, volumes
from packer.workflows.doctor import engine as engines
from packer.workflows.doctor import project as projects
from packer.workflows.doctor.asking import Check, Once, ask_all
from packer.workflows.doctor.base_image import base_is_there
from packer.workflows.doctor.network import Heard
from packer.workflows.doctor.numbers import numbers_fit
from packer.workflows.doctor.ports import a_port_is_free
from packer.workflows.inspect import inspect_folder
from packer.workflows.names import platforms_of
from packer.workflows.up import FIRST_PORT, PORTS

__all__ = ["Diagnosis", "Surroundings", "diagnose"]

_PATIENCE = 10.0
"""Seconds. Whoever is asked over the network has less; this is for a disk or a command that hangs."""
_AREAS: tuple[Area, ...] = ("engine", "machine", "network", "registry", "project", "numbers")


class Surroundings(Struct, frozen=True, kw_only=True):
    """What there is beside the project.

    Attributes:
        environment: the user's.
        home: the user's home folder.
        exchange: the network; None for none.
        registries: registries on it; None for none.
        keychain: the user's credentials.
        mirrors: Debian's.
        uv: knows the package index.
        host: the platform that this machine runs.
        folders: the places where pack keeps things, each with what it is called.
        now: the time, in seconds since the epoch.
        patience: how many seconds a check may take.
    """

    environment: Mapping[str, str]
    home: Path
    exchange: Exchange | None
    registries: Registries | None
    keychain: Keychain
    mirrors: Mirrors
    uv: Uv
    host: Platform | None
    folders: tuple[tuple[str, Path], ...]
    now: float
    patience: float = _PATIENCE


class Diagnosis(Struct, frozen=True, kw_only=True):
    """Everything that was found, by area. `refusal` is why the project has no plan, if it has none."""

    findings: tuple[Finding, ...]
    refusal: PackError | None = None

    @property
    def exit_code(self) -> int:
        """What the command ends with: the project's own code, where it alone is broken and has no plan."""
        areas = {one.area for one in self.findings if one.state == "broken"}
        return self.refusal.exit_code if self.refusal and areas == {"project"} else broken_code(self.findings)


class _Known(Struct, frozen=True):
    """The project, understood."""

    project: Project
    plan: Plan
    stack: StackPlan


def diagnose(folder: Path, settings: Settings, around: Surroundings) -> Diagnosis:
    """Look at everything at the same time. Changes nothing."""
    with ExitStack() as ending:
        look = _Look(folder.resolve(), settings, around, ending)
        findings = ask_all(look.checks(), patience=around.patience)
    clock = network.clock_agrees(look.heard, around.now)
    found = [*findings, *([clock] if clock else [])]
    return Diagnosis(findings=tuple(sorted(found, key=lambda one: _AREAS.index(one.area))), refusal=look.refusal())


class _Look:
    """One look at a project: what several checks need is asked for once."""

    def __init__(self, root: Path, settings: Settings, around: Surroundings, ending: ExitStack) -> None:
        self._root = root
        self._settings = settings
        self._around = around
        self._engine = Once(lambda: ending.enter_context(connect(around.environment, around.home)))
        self._facts = Once(lambda: engine_facts(self._engine()))
        self._compose: Once[Compose] = Once(lambda: find_compose(around.environment))
        self._known = Once(self._understood)
        self.heard: list[Heard] = []

    def refusal(self) -> PackError | None:
        """Why there is no plan."""
        try:
            self._known()
        except PackError as error:
            return error
        return None

    def checks(self) -> list[Check]:
        """Slow ones first: they begin first."""
        around = self._around
        return [
            Check("engine", "engine", self._of_engine),
            Check("project", "project", self._of_project),
            Check("network", "Debian mirror", self._of_mirror),
            Check("network", "package index", self._of_default_index),
            *(Check("network", "package index", partial(self._of_index, one)) for one in self._further_indexes()),
            Check("registry", "registry", self._of_registry),
            Check("registry", "base image", self._of_base),
            Check("engine", "Compose", lambda: (engines.compose_is_here(self._compose()),)),
            Check("engine", "buildx", self._of_buildx),
            Check("machine", "namespaces", self._of_namespaces),
            Check("machine", "disk", self._of_disks),
            Check("machine", "port", self._of_ports),
            Check("machine", "git", lambda: (machine.git_is_here(around.environment),)),
            Check("machine", "pack", lambda: _given(machine.pack_is_this_one(around.environment))),
            Check("project", "database volume", self._of_volumes),
            Check("numbers", "numbers", self._of_numbers),
        ]

    def _understood(self) -> _Known:
        found = inspect_folder(self._root, self._settings)
        if found.plan is None:
            assert found.refusal is not None
            raise found.refusal
        return _Known(found.project, found.plan, plan_stack(found.plan, found.project.environment, self._settings))

    def _of_engine(self) -> Iterator[Finding]:
        facts = self._facts()
        yield engines.engine_answers(facts)
        yield engines.engine_is_new_enough(facts)
        wanted = platforms_of(self._settings.platforms, host=self._around.host)
        yield engines.platform_runs(facts, wanted)

    def _of_buildx(self) -> Iterator[Finding]:
        settings = self._settings
        wanted = settings.builder == "engine"
        if wanted or shutil.which("docker", path=self._around.environment.get("PATH")):
            yield engines.buildx_answers(self._around.environment, builder=settings.engine.builder, wanted=wanted)

    def _of_namespaces(self) -> Iterator[Finding]:
        if self._around.host is not None:
            yield machine.namespaces_work()

    def _of_disks(self) -> Iterator[Finding]:
        facts = self._facts.or_none()
        places = [*self._around.folders, *([("engine's disk", facts.root)] if facts and facts.root else [])]
        for subject, place in places:
            yield from _given(machine.room_is_enough(subject, place, machine.room_at(place)))

    def _of_ports(self) -> Iterator[Finding]:
        engine, known = self._engine.or_none(), self._known.or_none()
        if engine is None or engine.endpoint.is_local:
            own = published_port(engine, self._identity(known)) if engine and known else None
            yield a_port_is_free(own, first=FIRST_PORT, count=PORTS, is_free=port_is_free)

    def _of_mirror(self) -> Iterator[Finding]:
        exchange, known = self._around.exchange, self._known.or_none()
        if exchange is None:
            yield Finding(area="network", subject="network", state="note", what="not asked: --offline")
            return
        base = known.plan.base if known else None
        needed = isinstance(base, DebianBase)
        release = base.release if isinstance(base, DebianBase) else "trixie"
        mirrors = self._around.mirrors.debian
        yield network.mirror_answers(exchange, mirrors, release, needed=needed, told=self.heard.append)

    def _of_default_index(self) -> Iterator[Finding]:
        uv = self._around.uv
        if self._around.exchange is not None and "--no-index" not in uv.indexes.options and uv.default_index:
            yield from self._of_index(uv.default_index)

    def _of_index(self, url: str) -> Iterator[Finding]:
        if self._around.exchange is not None:
            headers = self._around.uv.indexes.authorization(url)
            yield network.index_answers(self._around.exchange, url, headers=headers)

    def _further_indexes(self) -> tuple[str, ...]:
        indexes = self._around.uv.indexes
        return tuple(url for url in dict.fromkeys(indexes.urls) if url != indexes.default)

    def _of_registry(self) -> Iterator[Finding]:
        around = self._around
        yield credentials.registry_lets_us_in(
            self._settings.image, registries=around.registries, keychain=around.keychain, told=self.heard.append
        )

    def _of_base(self) -> Iterator[Finding]:
        known = self._known.or_none()
        if known is not None and isinstance(known.plan.base, ReferenceBase):
            yield base_is_there(known.plan.base.reference, self._around.registries)

    def _of_project(self) -> Iterator[Finding]:
        known, root = self._known(), self._root
        best = known.project.app.best
        what = f"{best.target if best else known.project.name} on Python {known.plan.python}"
        yield Finding(area="project", subject="app", state="ok", what=what)
        given = projects.given_variables(root, self._around.environment)
        yield from _given(projects.variables_are_given(known.stack, given))
        yield from projects.secrets_are_kept(root, known.stack)
        yield from projects.stack_can_be_told(root, known.stack)
        yield from _given(projects.passwords_work(known.project, known.plan))
        path = self._around.environment.get("PATH", "")
        yield from _given(projects.files_are_current(root, known.plan, known.stack, search_path=path))

    def _of_volumes(self) -> Iterator[Finding]:
        engine, known = self._engine.or_none(), self._known.or_none()
        service = known.stack.service("mysql") or known.stack.service("postgresql") if known else None
        if engine is None or known is None or service is None:
            return
        before = volumes.version_of_data(engine, self._identity(known), service)
        yield from _given(volumes.data_can_be_opened(before, volumes.image_version(service)))

    def _of_numbers(self) -> Iterator[Finding]:
        known = self._known.or_none()
        if known is not None and known.plan.single is None:  # one container has no numbers of several
            yield from numbers_fit(
                self._root,
                known.project,
                known.plan,
                known.stack,
                compose=self._compose.or_none,
                engine=self._facts.or_none(),
                given=projects.given_variables(self._root, self._around.environment),
            )

    def _identity(self, known: _Known) -> StackIdentity:
        return StackIdentity(name=known.stack.name, folder=str(self._root))


def _given(found: Finding | None) -> Iterable[Finding]:
    return () if found is None else (found,)
