"""Version limits of other tools as PEP 440."""

from __future__ import annotations

import pytest

from packer.project.dependencies.limits import python_marker, to_pep440


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("^1.2.3", ">=1.2.3,<2"),
        ("^0.2.3", ">=0.2.3,<0.3"),
        ("^0.0.3", ">=0.0.3,<0.0.4"),
        ("^0.0", ">=0.0,<0.1"),
        ("^0", ">=0,<1"),
        ("~1.2.3", ">=1.2.3,<1.3"),
        ("~1", ">=1,<2"),
        ("1.2.3", "==1.2.3"),
        ("1.2.*", "==1.2.*"),
        (">=1, <2", ">=1,<2"),
        (">=1 <2", ">=1,<2"),
        ("*", ""),
        ("", ""),
        ("~=1.4", "~=1.4"),
        ("^3.6 || ^4.0", ">=3.6,<5"),
        ("nonsense!", None),
    ],
)
def test_a_limit_is_translated(text, expected):
    assert to_pep440(text) == expected


def test_a_limit_on_python_becomes_a_marker():
    assert python_marker("~3.8") == 'python_full_version >= "3.8" and python_full_version < "3.9"'
    assert python_marker("*") is None
