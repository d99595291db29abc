"""Which certificate authorities to trust."""

from __future__ import annotations

import ssl
from collections.abc import Mapping
from pathlib import Path

from packer.errors import UsageError
from packer.system.host_trust import HostTrust

__all__ = ["client_context", "host_context"]

_BUNDLE_VARIABLES = ("SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_KNOWN_BUNDLES = (
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
)
"""Where distributions keep their bundle, for interpreters whose OpenSSL was built to look elsewhere."""


def client_context(environment: Mapping[str, str]) -> ssl.SSLContext:
    """A verifying client context: the bundle that the environment names, else the system's.

    Raises `UsageError` when the environment names a bundle that cannot be used.
    """
    for name in _BUNDLE_VARIABLES:
        if environment.get(name):
            return _context_from(name, Path(environment[name]))
    context = ssl.create_default_context()
    if environment.get("SSL_CERT_DIR"):
        context.load_verify_locations(capath=environment["SSL_CERT_DIR"])
    elif ssl.get_default_verify_paths().cafile is None:
        bundle = next((path for path in _KNOWN_BUNDLES if Path(path).is_file()), None)
        if bundle:
            context.load_verify_locations(cafile=bundle)
    return context


def host_context(environment: Mapping[str, str], host: str, trust: HostTrust) -> ssl.SSLContext:
    """The context for a host about which something is special: `*.crt` are authorities, `*.cert` this client's.

    Raises `UsageError` for certificates that cannot be used.
    """
    context = client_context(environment)
    if host in trust.unverified:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    for path in (path for folder in trust.folders_of(host) for path in sorted(folder.iterdir())):
        _load(context, path, host)
    return context


def _load(context: ssl.SSLContext, path: Path, host: str) -> None:
    try:
        if path.suffix == ".crt":
            context.load_verify_locations(cafile=str(path))
        elif path.suffix == ".cert":
            context.load_cert_chain(str(path), str(path.with_suffix(".key")))
    except (OSError, ssl.SSLError) as error:
        what = f"a certificate for {host} cannot be used: {error}"
        raise UsageError(what, where=str(path), hint="correct the file, or move it away") from error


def _context_from(variable: str, path: Path) -> ssl.SSLContext:
    try:
        if path.is_dir():
            return ssl.create_default_context(capath=str(path))
        return ssl.create_default_context(cafile=str(path))
    except (OSError, ssl.SSLError) as error:
        raise UsageError(
            f"the certificate bundle that {variable} names cannot be used: {error}",
            where=str(path),
            hint=f"correct {variable} or unset it",
        ) from error
