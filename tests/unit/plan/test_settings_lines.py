from __future__ import annotations

import pytest

from packer.plan.settings_lines import line_of_setting

SHARED = """\
[project]
port = 1

[ tool . pack ] # ours
app = "a:b"
"port" = 80
debian.mirror = "x"
'labels' . a = "b"

[tool.pack.environment]
TZ = "UTC"

[tool.other]
port = 3
"""


@pytest.mark.parametrize(
    ("name", "line"),
    [("app", 5), ("port", 6), ("debian.mirror", 7), ("labels", 8), ("environment", 10), ("workers", None)],
)
def test_a_setting_is_found_below_its_table(name: str, line: int | None) -> None:
    assert line_of_setting(SHARED, ("tool", "pack"), name) == line


def test_a_file_of_its_own_has_settings_at_its_top() -> None:
    assert line_of_setting("\nport = 80\n[debian]\nmirror = 1\n", (), "port") == 2
    assert line_of_setting("\nport = 80\n[debian]\nmirror = 1\n", (), "debian.mirror") == 4


def test_an_inline_table_is_found_by_its_own_line() -> None:
    assert line_of_setting("tool.pack = { port = 80 }", ("tool", "pack"), "port") is None
