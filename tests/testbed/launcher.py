"""Start a command from a small process, and write to a file descriptor how long it took and its largest resident set.

    python launcher.py DESCRIPTOR COMMAND...

Linux counts the memory of the process that started a command as the command's own: its largest resident set is
never less than the starter's was. So what is large, such as pytest, starts a command through this program.
"""

import os
import sys
import time

BYTES_PER_KIBIBYTE = 1024


def main() -> int:
    """The command's own exit code."""
    descriptor, command = int(sys.argv[1]), sys.argv[2:]
    os.set_inheritable(descriptor, False)
    start = time.perf_counter()
    process = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(process, 0)
    seconds = time.perf_counter() - start
    os.write(descriptor, f"{seconds} {usage.ru_maxrss * BYTES_PER_KIBIBYTE}".encode())
    return os.waitstatus_to_exitcode(status)


if __name__ == "__main__":
    code = main()
    sys.exit(code if code >= 0 else 128 - code)
