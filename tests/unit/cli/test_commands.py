import subprocess
import sys

import pytest

from packer.cli.commands import COMMANDS, CommandSummary


@pytest.mark.parametrize("summary", COMMANDS, ids=lambda one: one.name)
def test_every_summary_leads_to_its_command(summary: CommandSummary) -> None:
    loaded = summary.load()

    assert loaded.name == summary.name
    assert loaded.callback is not None or loaded.commands
    assert loaded.help


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, "-m", "packer", *arguments], capture_output=True, text=True, check=False)


def test_help_names_every_command_and_imports_none() -> None:
    program = "import sys; from packer.cli.main import app; app(['--help'], standalone_mode=False)"
    told = f"{program}; print(*(name for name in sys.modules if name.startswith('packer.')))"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    loaded = set(done.stdout.splitlines()[-1].split())
    assert all(f" {one.name} " in done.stdout for one in COMMANDS)
    own = {"commands", "main", "output", "pages"}
    assert loaded == {"packer.cli", "packer.errors", *(f"packer.cli.{name}" for name in own)}


@pytest.mark.parametrize("words", [("--help",), *((one.name, "--help") for one in COMMANDS), ("cache", "prune", "-h")])
def test_a_help_page_draws_nothing_and_loads_nothing_that_draws(words: tuple[str, ...]) -> None:
    program = f"import sys; from packer.cli.main import app; app({[*words]!r}, standalone_mode=False)"
    told = f"{program}; print('rich' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout.endswith("\nFalse\n")
    assert "╭" not in done.stdout


def test_the_examples_of_a_page_keep_their_columns() -> None:
    page = run("cache", "prune", "--help").stdout

    assert "\n    pack cache prune                   what was not used for a month\n" in page


def test_commands_stand_under_their_panels() -> None:
    page = run("--help").stdout

    assert page.index("\nStart:\n") < page.index("\n  lock ") < page.index("\nImage:\n") < page.index("\n  rmi ")


def test_a_mistyped_command_is_a_usage_error_with_the_nearest_name() -> None:
    done = run("buidl")

    assert done.returncode == 2
    assert "build" in done.stderr


def test_a_build_loads_no_cyclonedx() -> None:
    modules = ("packer.cli.build", "packer.cli.sbom", "packer.workflows.build", "packer.workflows.delivery")
    told = f"import sys, {', '.join(modules)}; print([name for name in sys.modules if name.startswith('cyclonedx')])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
