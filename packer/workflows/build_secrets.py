"""What an engine's build is told of this machine while it runs: where distributions come from, and whom to trust.

It is given as BuildKit's secrets: in no layer, in no cache key, and in nothing that `docker history` shows.
"""

from __future__ import annotations

import ssl
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

from packer.wheels.indexes import pip_configuration

__all__ = ["build_secrets"]

_AUTHORITY_VARIABLES = ("PIP_CERT", "SSL_CERT_FILE", "REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
_AUTHORITIES = "/etc/ssl/certs/ca-certificates.crt"


@contextmanager
def build_secrets(environment: Mapping[str, str]) -> Iterator[dict[str, Path]]:
    """Identifiers and files: `pip_conf`, `uv_toml` and `ca`, as far as there are any. They are there until the end."""
    secrets = {}
    with tempfile.TemporaryDirectory(prefix="pack-secrets-") as folder:  # for its owner's eyes alone
        if text := pip_configuration(environment):
            secrets["pip_conf"] = Path(folder, "pip.conf")
            secrets["pip_conf"].write_text(text, encoding="utf-8")
        if (path := _uv_settings(environment)).is_file():
            secrets["uv_toml"] = path
        if authorities := _authorities(environment):
            secrets["ca"] = authorities
        yield secrets


def _uv_settings(environment: Mapping[str, str]) -> Path:
    named = environment.get("UV_CONFIG_FILE")
    home = environment.get("XDG_CONFIG_HOME") or f"{environment.get('HOME', '')}/.config"
    return Path(named) if named else Path(home, "uv", "uv.toml")


def _authorities(environment: Mapping[str, str]) -> Path | None:
    named = (environment[name] for name in _AUTHORITY_VARIABLES if environment.get(name))
    usual = (ssl.get_default_verify_paths().openssl_cafile, _AUTHORITIES)
    return next((Path(path) for path in (*named, *usual) if Path(path).is_file()), None)
