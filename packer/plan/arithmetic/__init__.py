"""The arithmetic of a stack: numbers that stand in different files and only work together.

Each rule takes all figures and gives a finding, or None where it does not apply. Pure.
"""

from packer.plan.arithmetic.figures import AppFigures, DatabaseFigures, Figure, StackFigures, WebFigures
from packer.plan.arithmetic.judging import RULES, judge
from packer.plan.arithmetic.planned import planned_figures

__all__ = [
    "RULES",
    "AppFigures",
    "DatabaseFigures",
    "Figure",
    "StackFigures",
    "WebFigures",
    "judge",
    "planned_figures",
]
