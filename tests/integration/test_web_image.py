"""The web image in a real engine: static files by nginx, everything else by the app behind it."""

from __future__ import annotations
