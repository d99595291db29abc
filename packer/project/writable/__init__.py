"""The places that the application writes to at run time."""

from packer.project.writable.finder import WritableReading, find_writable

__all__ = ["WritableReading", "find_writable"]
