"""What the project says about its own production server."""

from packer.project.server.reader import ServerReading, read_server

__all__ = ["ServerReading", "read_server"]
