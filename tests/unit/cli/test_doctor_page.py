"""The page that pack doctor shows."""

from __future__ import annotations

from packer.cli.doctor_page import page
from packer.plan.finding import Finding

FOUND = (
    Finding(area="engine", subject="engine", state="ok", what="version 26 answers"),
    Finding(area="engine", subject="Compose", state="broken", what="there is none", fix="install it"),
    Finding(area="machine", subject="port", state="note", what="another\x1b[31m uses 8080", fix="stop it"),
    Finding(area="machine", subject="git", state="warning", what="none"),
)


def shown(*findings: Finding, signs: bool) -> list[str]:
    return list(page(findings, style=lambda text, name: text, signs=signs))


def test_findings_stand_under_their_areas_with_their_fixes() -> None:
    assert shown(*FOUND, signs=True) == [
        "engine",
        "  ✓ engine                  version 26 answers",
        "  ✗ Compose                 there is none",
        "                            fix: install it",
        "",
        "machine",
        "  · port                    another\\x1b[31m uses 8080",
        "                            hint: stop it",
        "  ! git                     none",
        "",
        "1 is broken; 1 warning",
    ]


def test_a_terminal_without_unicode_gets_none() -> None:
    assert all(line.isascii() for line in shown(*FOUND, signs=False))
    assert shown(FOUND[0], signs=False)[-1] == "nothing is broken"
