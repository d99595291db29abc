"""URLs that may hold what nobody else should see."""

from __future__ import annotations

from packer.regex import regex

__all__ = ["without_credentials", "without_secrets"]

_USER = regex(r"://[^/@\s]+@")


def without_secrets(text: str) -> str:
    """A text to show, with the user names and passwords in its URLs hidden.

    >>> without_secrets("git+https://user:token@example.com/thing.git")
    'git+https://…@example.com/thing.git'
    """
    return _USER.sub("://…@", text)


def without_credentials(url: str) -> str:
    """A URL to use, without a user name and password.

    >>> without_credentials("https://user:token@example.com/simple")
    'https://example.com/simple'
    """
    return _USER.sub("://", url)
