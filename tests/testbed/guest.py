"""Somebody who reads and signs the sample's guest book, over HTTP."""

from __future__ import annotations

import html
import http.client
import re
import urllib.error
import urllib.parse
import urllib.request
from dataclasses import dataclass
from email.message import Message

__all__ = ["Guest", "ask"]

_SECONDS = 30
_TOKEN = re.compile(r'name="csrf_token" type="hidden" value="([^"]+)"')


def ask(url: str, data: bytes | None = None, **headers: str) -> tuple[int, Message, str]:
    """An answer's status, headers and text. Raises `OSError` when there is none."""
    words = {name.replace("_", "-"): value for name, value in headers.items()}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, data=data, headers=words), timeout=_SECONDS) as answer:
            return answer.status, answer.headers, answer.read().decode(errors="replace")
    except urllib.error.HTTPError as error:
        return error.code, error.headers, error.read().decode(errors="replace")


@dataclass(frozen=True, slots=True)
class Guest:
    """A guest who has opened the page at `url`, and may sign as often as they like."""

    url: str
    cookie: str
    token: str

    @classmethod
    def at(cls, url: str) -> Guest:
        """Open the page."""
        status, headers, text = ask(url)
        assert status == 200, text
        found = _TOKEN.search(text)
        assert found, text
        return cls(url, headers["Set-Cookie"].partition(";")[0], html.unescape(found[1]))

    def sign(self, message: str, *, name: str = "A guest") -> bool:
        """Post an entry; whether it was acknowledged. Follows no redirect."""
        place = urllib.parse.urlsplit(self.url)
        connection = http.client.HTTPConnection(place.netloc, timeout=_SECONDS)
        body = urllib.parse.urlencode({"name": name, "message": message, "csrf_token": self.token})
        headers = {"Content-Type": "application/x-www-form-urlencoded", "Cookie": self.cookie}
        try:
            connection.request("POST", "/", body, headers)
            return connection.getresponse().status == http.client.SEE_OTHER
        except (OSError, http.client.HTTPException):
            return False
        finally:
            connection.close()

    def reads(self, text: str) -> bool:
        """Whether the page shows a text."""
        return html.escape(text) in ask(self.url)[2]
