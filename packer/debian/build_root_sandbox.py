"""Running a command in a build root, with no root rights, no network, and nothing of this machine in sight."""

from __future__ import annotations

import json
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from msgspec import Struct

from packer.debian.build_root_refusal import read_kernel_setting, refusal
from packer.errors import BuildError
from packer.system.process import Finished, run

__all__ = ["Mount", "run_inside"]

_ENTRY = Path(__file__).with_name("build_root_entry.py")
_MOST_REPORTED = 64 * 1024


class Mount(Struct, frozen=True, kw_only=True):
    """A folder of this machine that is seen inside.

    Attributes:
        source: the folder.
        target: where, absolute; a folder that every build root has.
        writable: whether the command may write to it.
    """

    source: Path
    target: str
    writable: bool = False


def run_inside(
    root: Path,
    argv: Sequence[str],
    *,
    mounts: Sequence[Mount],
    environment: Mapping[str, str],
    cwd: str,
    timeout: float,
) -> Finished:
    """Run a command to its end in the root file system `root`, which stays as it is.

    It runs as a user without privileges, in namespaces of its own; when it ends, or takes longer than `timeout`
    seconds, every process that it started is killed.

    Args:
        root: the root folder.
        argv: the command, an absolute path inside, and its arguments.
        mounts: what it sees beside the root.
        environment: its whole environment.
        cwd: the folder inside that it starts in.
        timeout: seconds.

    Returns:
        The exit status, and the last 64 KiB of what it printed, on either output, as `stderr`.

    Raises:
        BuildError: this machine does not allow it, which the message explains; or it took too long.
    """
    request = {
        "root": str(root),
        "mounts": [[str(mount.source), mount.target, mount.writable] for mount in mounts],
        "argv": list(argv),
        "environment": dict(environment),
        "cwd": cwd,
    }
    finished = run(
        [sys.executable, "-I", "-S", "-B", str(_ENTRY)],
        env={"LC_ALL": "C.UTF-8"},
        cwd=Path("/"),
        stdin=json.dumps(request).encode(),
        timeout=timeout,
        limit=_MOST_REPORTED,
    )
    try:
        report = json.loads(finished.stdout)
    except ValueError as cause:
        what = f"a command in the build root ended without a report (status {finished.status})"
        raise BuildError(what, hint="check that the machine has enough memory, then try again") from cause
    if "refused" in report:
        raise refusal(report["refused"], report["errno"], kernel_setting=read_kernel_setting)
    return Finished(status=report["status"], stdout=b"", stderr=finished.stderr)
