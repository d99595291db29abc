"""Backing services that the application talks to."""

from packer.project.services.reader import driver_services, find_services

__all__ = ["driver_services", "find_services"]
