"""The application: found as Flask itself would look for it and better, by reading alone."""

from packer.project.app.search import AppSearch, find_app

__all__ = ["AppSearch", "find_app"]
