"""The program that enters a build root. Run by its path in a process of its own, never imported by pack.

It makes namespaces of its own (user, mount, process, network, host name, shared memory), shows in them nothing but
the build root, read-only, and the folders it is told to, and runs one command there as an unprivileged user without
capabilities. Only the standard library is used, and of the C library what `os` does not offer before Python 3.12.

stdin    JSON: {"root", "mounts": [[source, target, writable]], "argv", "environment", "cwd"}; targets are absolute
         inside and exist there
stdout   JSON: {"status": N}, the command's exit status or the negative number of the signal that ended it;
         or {"refused": what, "errno": N} when this machine does not let it in
stderr   what the command prints, on either of its outputs

Namespaces: namespaces(7), user_namespaces(7), mount_namespaces(7), pivot_root(2).
"""

from __future__ import annotations

import ctypes
import fcntl
import json
import os
import resource
import signal
import socket
import struct
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, NoReturn

_NEW_NAMESPACES = 0x00020000 | 0x02000000 | 0x04000000 | 0x08000000 | 0x10000000 | 0x20000000 | 0x40000000
"""CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET."""
_READ_ONLY, _NO_SUID, _NO_DEV, _NO_EXEC = 1, 2, 4, 8
_REMOUNT, _BIND, _RECURSIVE, _PRIVATE = 32, 4096, 16384, 1 << 18
_KEPT_FLAGS = {1: 1, 2: 2, 4: 4, 8: 8, 1024: 1024, 2048: 2048, 4096: 1 << 21}
"""What statvfs says of a mount, in mount's words: a namespace may add restrictions to a mount, but drop none."""
_DETACH = 2
_SET_PARENT_DEATH_SIGNAL, _SET_NO_NEW_PRIVILEGES = 1, 38
_GET_INTERFACE_FLAGS, _SET_INTERFACE_FLAGS, _INTERFACE_UP = 0x8913, 0x8914, 1
_DEVICES = ("full", "null", "random", "urandom", "zero")
_DEVICE_LINKS = (("fd", "/proc/self/fd"), ("stdin", "fd/0"), ("stdout", "fd/1"), ("stderr", "fd/2"))
_USER = 65532
"""Who the command is, inside: nobody that owns anything but the folders it is given."""
_LARGEST_FILE = 8 << 30
_NOT_ENTERED = 125

_libc = ctypes.CDLL(None, use_errno=True)


class _RefusedError(Exception):
    """The kernel did not allow a step."""

    def __init__(self, step: str, number: int) -> None:
        super().__init__(step)
        self.step = step
        self.number = number


@contextmanager
def _step(name: str) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise _RefusedError(name, error.errno or 0) from error


def _call(function: str, *arguments: object) -> None:
    if getattr(_libc, function)(*arguments) != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _prctl(option: int, value: int) -> None:
    _call("prctl", ctypes.c_int(option), *map(ctypes.c_ulong, (value, 0, 0, 0)))


def _mount(source: str | None, target: str, kind: str | None, flags: int, options: str = "") -> None:
    words = (word.encode() if word else None for word in (source, target, kind))
    _call("mount", *words, ctypes.c_ulong(flags), options.encode() or None)


def _bind(source: str, target: str, restrictions: int) -> None:
    _mount(source, target, None, _BIND)
    present = os.statvfs(target).f_flag
    kept = sum(flag for said, flag in _KEPT_FLAGS.items() if present & said)
    _mount(None, target, None, _REMOUNT | _BIND | kept | restrictions)


def _make_namespaces() -> None:
    """Namespaces in which this process may mount, as the only user there is."""
    user, group = os.geteuid(), os.getegid()
    with _step("a user namespace"):
        _call("unshare", ctypes.c_int(_NEW_NAMESPACES))
    with _step("a user namespace with a user of its own"):
        _write("/proc/self/setgroups", "deny")
        _write("/proc/self/uid_map", f"{_USER} {user} 1")
        _write("/proc/self/gid_map", f"{_USER} {group} 1")
    with suppress(OSError):  # the command makes no namespaces within these: less of the kernel is in its reach
        _write("/proc/sys/user/max_user_namespaces", "0")


def _write(path: str, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY)
    try:
        os.write(descriptor, text.encode())
    finally:
        os.close(descriptor)


def _furnish(root: str, mounts: list[list[Any]]) -> None:
    """Make the root the only thing to be seen."""
    with _step("mounts of its own"):
        _mount(None, "/", None, _PRIVATE | _RECURSIVE)
        _bind(root, root, _NO_SUID | _NO_DEV | _READ_ONLY)
        for source, target, writable in mounts:
            _bind(source, root + target, _NO_SUID | _NO_DEV | (0 if writable else _READ_ONLY))
    with _step("devices"):
        _make_devices(root + "/dev")
    with suppress(OSError):  # a container engine may hide parts of /proc, and then none can be mounted: go without
        _mount("proc", root + "/proc", "proc", _NO_SUID | _NO_DEV | _NO_EXEC | _READ_ONLY, "subset=pid")
    with _step("a root of its own"):
        os.chdir(root)
        _call("pivot_root", b".", b".")
        _call("umount2", b".", ctypes.c_int(_DETACH))
        os.chdir("/")


def _make_devices(folder: str) -> None:
    """This machine's own harmless ones. A read-only device can be written to, but nobody changes its mode."""
    _mount("tmpfs", folder, "tmpfs", _NO_SUID | _NO_EXEC, "mode=755,size=64k")
    for name in _DEVICES:
        os.close(os.open(f"{folder}/{name}", os.O_CREAT | os.O_WRONLY, 0o666))
        _bind(f"/dev/{name}", f"{folder}/{name}", _NO_SUID | _NO_EXEC | _READ_ONLY)
    for name, target in _DEVICE_LINKS:
        Path(folder, name).symlink_to(target)
    Path(folder, "shm").mkdir()
    _mount("tmpfs", f"{folder}/shm", "tmpfs", _NO_SUID | _NO_DEV | _NO_EXEC, "mode=1777,size=256m")


def _raise_loopback() -> None:
    with suppress(OSError), socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
        answer = fcntl.ioctl(endpoint, _GET_INTERFACE_FLAGS, struct.pack("16sH22x", b"lo", 0))
        flags = struct.unpack("16sH22x", answer)[1] | _INTERFACE_UP
        fcntl.ioctl(endpoint, _SET_INTERFACE_FLAGS, struct.pack("16sH22x", b"lo", flags))


def _run(request: dict[str, Any]) -> int:
    """The command's exit status. This process is the first of its namespace: when it ends, all others are killed."""
    with _step("a host name of its own"):
        socket.sethostname("pack")
    _raise_loopback()
    child = os.fork()
    if child == 0:
        _become(request)
    while True:
        process, status = os.wait()
        if process == child:
            return os.waitstatus_to_exitcode(status)


def _become(request: dict[str, Any]) -> NoReturn:
    """Replace this process by the command. The new program has no capabilities, for its user is not 0."""
    try:
        os.chdir(request["cwd"])
        os.umask(0o022)
        os.dup2(os.open("/dev/null", os.O_RDONLY), 0)
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
        resource.setrlimit(resource.RLIMIT_FSIZE, (_LARGEST_FILE, _LARGEST_FILE))
        _prctl(_SET_NO_NEW_PRIVILEGES, 1)
        os.execve(request["argv"][0], request["argv"], request["environment"])  # noqa: S606 (a shell is not wanted)
    except (OSError, ValueError) as error:
        os.write(2, f"{request['argv'][0]} cannot be started: {error}\n".encode())
    finally:
        os._exit(_NOT_ENTERED)


def _die_with_parent() -> None:
    _prctl(_SET_PARENT_DEATH_SIGNAL, signal.SIGKILL)


def main() -> None:
    """Enter, run, report."""
    request = json.load(sys.stdin)
    report = os.dup(1)
    os.dup2(2, 1)
    try:
        _make_namespaces()
        _die_with_parent()
        with _step("processes of its own"):
            first = os.fork()
        if first == 0:
            _die_with_parent()
            _furnish(request["root"], request["mounts"])
            os.write(report, json.dumps({"status": _run(request)}).encode())
            os._exit(0)
        os.waitpid(first, 0)
    except _RefusedError as error:
        os.write(report, json.dumps({"refused": error.step, "errno": error.number}).encode())
    os._exit(0)


if __name__ == "__main__":
    main()
