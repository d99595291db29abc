#!/usr/bin/env python3
"""All checks and tests of pack, on a Debian or Ubuntu machine with nothing but Python 3 and git.

It makes `.venv` in the checkout, installs the system packages that integration tests need when it is root or sudo asks
nobody, and unpacks two generations of Docker Engine beside them, uninstalled. At its end it says what passed, what
failed, and what was skipped and why. Any failure gives exit code 1.
"""

from __future__ import annotations

import argparse
import sys
from functools import partial
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(CHECKOUT))

from tests.testbed import apt, browser, engines, environment  # noqa: E402
from tests.testbed.steps import Action, Outcome, call, call_pytest, perform, summary  # noqa: E402

OLDEST_PYTHON = (3, 10)
TOOLS = ("gpg", "gpgv", "mmdebstrap", "openssl", "podman", "qemu-user-static", "skopeo", "umoci", "util-linux")
REGISTRY = ("apache2-utils", "docker-registry")
SYSTEM_PACKAGES = (*engines.SYSTEM_PACKAGES, *browser.SYSTEM_PACKAGES, *TOOLS, *REGISTRY)
SAMPLE = CHECKOUT / "sample_flask_app"
REPORTS = CHECKOUT / ".artifacts" / "reports"


def main() -> int:
    """Run every step to its end, then sum up."""
    options = _options()
    if sys.version_info < OLDEST_PYTHON:
        print(f"error: Python {'.'.join(map(str, OLDEST_PYTHON))} or newer is needed, this is {sys.version.split()[0]}")
        return 1
    try:
        programs = environment.prepare(CHECKOUT)
    except environment.PrepareError as error:
        print(f"error: {error}")
        return 1
    outcomes = [perform(name, action) for name, action in _steps(programs, options).items()]
    print(summary(outcomes))
    return int(any(outcome.verdict == "FAILED" for outcome in outcomes))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--unit", action="store_true", help="linters and unit tests only")
    parser.add_argument("--no-system", action="store_true", help="install no system package and fetch no engine")
    parser.add_argument("-k", dest="expression", help="only the tests that match (pytest's -k)")
    return parser.parse_args()


def _steps(programs: Path, options: argparse.Namespace) -> dict[str, Action]:
    """The steps by name, in order."""
    chosen = ["-k", options.expression] if options.expression else []
    pytest: list[str | Path] = [programs / "pytest", "--quiet"]
    steps: dict[str, Action] = {
        "ruff check": partial(call, [programs / "ruff", "check", "--quiet"], directory=CHECKOUT),
        "ruff format": partial(call, [programs / "ruff", "format", "--check", "--quiet"], directory=CHECKOUT),
        "mypy": partial(call, [programs / "mypy"], directory=CHECKOUT),
        "import-linter": partial(call, [programs / "lint-imports"], directory=CHECKOUT),
        "unit tests": _pytest("unit", [*pytest, "tests/unit", "-n", "2", *chosen]),
        "sample application": _pytest("sample", [*_sample_pytest(programs), *chosen], directory=SAMPLE),
    }
    if options.unit:
        return steps
    if not options.no_system:
        steps["system packages"] = _install
        for release in engines.RELEASES:
            steps[f"Docker Engine {release.name}"] = partial(_fetch, release)
    steps["integration tests"] = _pytest("integration", [*pytest, "tests/integration", "--durations=15", *chosen])
    return steps


def _pytest(suite: str, command: list[str | Path], *, directory: Path = CHECKOUT) -> Action:
    return partial(
        call_pytest, command, directory=directory, report=REPORTS / f"{suite}.xml", selective="-k" in command
    )


def _sample_pytest(programs: Path) -> list[str | Path]:
    """The sample application's own tests, with its own pinned distributions and none of pack's."""
    files = (SAMPLE / "requirements.txt", SAMPLE / "requirements-dev.txt")
    requirements = [f"--with-requirements={file}" for file in files]
    return [programs / "uv", "run", "--quiet", "--isolated", "--no-project", *requirements, "pytest", "--quiet"]


def _install() -> Outcome:
    try:
        installed = apt.install(SYSTEM_PACKAGES)
    except apt.AptError as error:
        return Outcome("skipped", (str(error),))
    return Outcome("passed", (f"installed {', '.join(installed)}",) if installed else ())


def _fetch(release: engines.EngineRelease) -> Outcome:
    try:
        engines.fetch(release)
    except apt.AptError as error:
        return Outcome("skipped", (str(error),))
    return Outcome("passed")


if __name__ == "__main__":
    sys.exit(main())
