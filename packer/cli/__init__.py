"""Typer commands, one a file, thin. `wiring` is the only place where ports meet adapters."""

import atexit
import gc

_GARBAGE_THRESHOLD = 200_000
"""Allocations between two looks for garbage. Modules and syntax trees are many objects and no garbage: Python's own
threshold, 700, looks forty times while the first modules are imported, and doubles the time of a large project."""

gc.set_threshold(_GARBAGE_THRESHOLD)
atexit.register(gc.freeze)  # Python looks through everything once more before it ends: a twentieth of a build
