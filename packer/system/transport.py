"""What happens on the way to a server, in words that a person understands."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from packer.errors import PackError, TransientError, TrustError, UnreachableError, UsageError
from packer.system.urls import redacted

if TYPE_CHECKING:
    from urllib3.exceptions import HTTPError

__all__ = ["DisconnectedError", "UnencryptedError", "explained", "retry_after"]


class DisconnectedError(TransientError):
    """A connection stood, and the server ended it without an answer."""


class UnencryptedError(TrustError):
    """The server speaks without TLS where it is to speak with it."""


def explained(error: HTTPError, url: str, *, proxy: str | None, method: str | None = None) -> PackError:
    """The pack error for one of urllib3's, met on the way to `url`; a `TransientError` if trying again may help.

    It names the method where there is one beside `GET`.
    """
    from urllib3 import exceptions  # noqa: PLC0415 - loaded already by whoever caught `error`

    where, host = f"{method} {redacted(url)}" if method else redacted(url), urlsplit(url).hostname
    if isinstance(error, exceptions.ProxyError):
        return _proxy_error(error, redacted(proxy or ""), where)
    if isinstance(error, exceptions.SSLError) and "WRONG_VERSION_NUMBER" in str(error):
        return UnencryptedError(f"{host} does not speak TLS", where=where, hint="check the address and its port")
    if isinstance(error, exceptions.SSLError):
        return TrustError(
            f"the TLS certificate of {host} does not hold: {error}",
            where=where,
            hint="behind a company proxy, set SSL_CERT_FILE to the file with its certificate authority",
        )
    if isinstance(error, exceptions.LocationValueError):
        return UsageError(f"{where!r} is not an address that pack can fetch")
    return _unanswered(error, host, where)


def _unanswered(error: HTTPError, host: str | None, where: str) -> TransientError:
    from urllib3 import exceptions  # noqa: PLC0415 - see `explained`

    if isinstance(error, exceptions.NameResolutionError):
        return UnreachableError(f"the host {host} is not known", where=where, hint="check its name and the network")
    if isinstance(error, exceptions.ConnectTimeoutError):  # urllib3's `NewConnectionError` is one, too
        refused = isinstance(error, exceptions.NewConnectionError)
        what = f"no connection to {host}" if refused else f"{host} does not answer in time"
        return UnreachableError(what, where=where, hint="check the network, or try again")
    if isinstance(error, exceptions.TimeoutError):
        return TransientError(f"{host} does not answer in time", where=where, hint="try again")
    return DisconnectedError(f"{host} ended the connection", where=where, hint="try again")


def _proxy_error(error: HTTPError, proxy: str, where: str) -> UnreachableError:
    if "407" in str(error):
        hint = "write them into HTTPS_PROXY: http://name:password@host:port"
        return UnreachableError(f"the proxy {proxy} wants a name and password", where=where, hint=hint)
    return UnreachableError(f"the proxy {proxy} does not answer", where=where, hint="check HTTPS_PROXY and NO_PROXY")


def retry_after(text: str | None, now: float) -> float | None:
    """The seconds that a `Retry-After` header asks for (a number or a date), None when it says nothing usable."""
    if not text:
        return None
    if text.strip().isdecimal():
        return float(text.strip()[:9])
    from email.utils import parsedate_to_datetime  # noqa: PLC0415 - rare

    try:
        return max(0.0, parsedate_to_datetime(text).timestamp() - now)
    except (ValueError, OverflowError):
        return None
