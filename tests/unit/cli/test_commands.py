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
    assert loaded == {"packer.cli", "packer.cli.main", "packer.cli.commands", "packer.cli.output", "packer.errors"}


def test_a_mistyped_command_is_a_usage_error_with_the_nearest_name() -> None:
    done = run("buidl")

    assert done.returncode == 2
    assert "build" in done.stderr


def test_a_build_loads_no_cyclonedx() -> None:
    modules = ("packer.cli.build", "packer.cli.sbom", "packer.workflows.build", "packer.workflows.delivery")
    told = f"import sys, {', '.join(modules)}; print([name for name in sys.modules if name.startswith('cyclonedx')])"
    done = subprocess.run([sys.executable, "-c", told], capture_output=True, text=True, check=True)

    assert done.stdout == "[]\n"
