"""All rules, in the order in which a reader wants them."""

from __future__ import annotations

from collections.abc import Callable

from packer.plan.arithmetic.connections import connections_suffice, threads_find_connections
from packer.plan.arithmetic.figures import StackFigures
from packer.plan.arithmetic.memory import buffers_leave_room, limits_fit_the_machine, workers_fit
from packer.plan.arithmetic.requests import forms_fit, proxies_are_believed, statements_fit, uploads_arrive
from packer.plan.arithmetic.times import (
    answers_arrive,
    connections_outlive_the_proxy,
    requests_end_before_the_container,
)
from packer.plan.finding import Finding

__all__ = ["RULES", "judge"]

Rule = Callable[[StackFigures], Finding | None]

RULES: tuple[Rule, ...] = (
    connections_suffice,
    threads_find_connections,
    answers_arrive,
    requests_end_before_the_container,
    connections_outlive_the_proxy,
    uploads_arrive,
    forms_fit,
    statements_fit,
    workers_fit,
    buffers_leave_room,
    limits_fit_the_machine,
    proxies_are_believed,
)


def judge(figures: StackFigures) -> tuple[Finding, ...]:
    """What every rule that applies finds."""
    return tuple(found for rule in RULES if (found := rule(figures)) is not None)
