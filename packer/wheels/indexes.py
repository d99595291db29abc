"""Where distributions come from, as the user has set it for pip and uv.

uv reads its own settings itself. What the user has told pip (`PIP_*`, `pip.conf`) is said again in uv's words unless
uv's own setting says something else, so that a machine set up for pip alone, behind a company index, just works.

pip: https://pip.pypa.io/en/stable/topics/configuration/ · uv: https://docs.astral.sh/uv/reference/environment/
"""

from __future__ import annotations

import configparser
from collections.abc import Iterator, Mapping
from pathlib import Path
from urllib.parse import quote, urlsplit, urlunsplit

from msgspec import Struct

from packer.system.pip_files import pip_files
from packer.system.urls import basic_authorization, origin, without_userinfo

__all__ = ["Indexes", "indexes", "pip_configuration"]

_MAX_CONFIG = 1024 * 1024
_FURTHER = ("UV_INDEX", "UV_EXTRA_INDEX_URL")


class Indexes(Struct, frozen=True, kw_only=True):
    """The package indexes of this machine's user.

    Attributes:
        environment: variables for uv that stand for pip's settings.
        options: options of uv's resolving and building commands, for what has no variable.
        key: what a resolution depends on, without credentials.
        secrets: texts that must not be printed.
        urls: the addresses with their credentials.
        default: the address of the index that is asked last, None for uv's own.
        netrc: headers for hosts that the user's netrc file has credentials for.
    """

    environment: Mapping[str, str]
    options: tuple[str, ...]
    key: tuple[str, ...]
    secrets: tuple[str, ...]
    urls: tuple[str, ...]
    default: str | None
    netrc: Mapping[str, Mapping[str, str]]

    def authorization(self, url: str) -> dict[str, str]:
        """The header for a file on one of the indexes' own hosts; empty for any other host."""
        wanted = origin(url)
        for index in self.urls:
            header = basic_authorization(index)
            if header and origin(index) == wanted:
                return header
        return dict(self.netrc.get(wanted[1], {})) if any(origin(index) == wanted for index in self.urls) else {}


def indexes(environment: Mapping[str, str], *, extra: tuple[str, ...] = ()) -> Indexes:
    """Read the settings.

    Args:
        environment: the user's environment variables.
        extra: further index URLs, which the project's files name.
    """
    pip = _pip_settings(environment)
    translated: dict[str, str] = {}

    def say(variable: str, value: str, *synonyms: str) -> None:
        if value and not any(environment.get(name) for name in (variable, *synonyms)):
            translated[variable] = value

    also = [*_words(pip.get("extra-index-url", "")), *extra]
    say("UV_DEFAULT_INDEX", pip.get("index-url", ""), "UV_INDEX_URL")
    say("UV_INDEX", " ".join(also), "UV_EXTRA_INDEX_URL")
    say("UV_FIND_LINKS", ",".join(_words(pip.get("find-links", ""))))
    say("UV_INSECURE_HOST", " ".join(_words(pip.get("trusted-host", ""))))
    say("SSL_CERT_FILE", pip.get("cert", ""))
    if "UV_INDEX" in translated:
        # pip looks for the best version on all indexes; uv would stop at the first that knows the name.
        say("UV_INDEX_STRATEGY", "unsafe-best-match")
    effective = {**environment, **translated}
    names = ("UV_DEFAULT_INDEX", "UV_INDEX_URL", "UV_INDEX", "UV_EXTRA_INDEX_URL", "UV_FIND_LINKS")
    urls = tuple(url for name in names for url in _urls(name, effective))
    relevant = (*names, "UV_INDEX_STRATEGY", "UV_PRERELEASE", "UV_RESOLUTION", "UV_EXCLUDE_NEWER")
    no_index = pip.get("no-index", "").lower() in {"1", "true", "yes", "on"}
    key = (
        *(f"{name}={' '.join(map(without_userinfo, _urls(name, effective)))}" for name in relevant),
        f"no-index={no_index}",
    )
    options = ("--no-index",) if no_index else ()
    stated = [*_urls("UV_DEFAULT_INDEX", effective), *_urls("UV_INDEX_URL", effective)]
    return Indexes(
        environment=translated,
        options=options,
        key=key,
        secrets=tuple(_secrets(urls)),
        urls=urls,
        default=next(iter(stated), None),
        netrc={host: _header(*login) for host, login in _netrc(environment).items()},
    )


def pip_configuration(environment: Mapping[str, str]) -> str:
    """A `pip.conf` that names the same indexes elsewhere, with their credentials; empty where there is nothing to say.

    Folders and files of this machine are not named: nobody else has them.
    """
    pip = {name: _words(text) for name, text in _pip_settings(environment).items()}
    stated = [*pip.get("index-url", ()), *_urls("UV_DEFAULT_INDEX", environment), *_urls("UV_INDEX_URL", environment)]
    further = [*pip.get("extra-index-url", ()), *(url for name in _FURTHER for url in _urls(name, environment))]
    found = [*pip.get("find-links", ()), *_urls("UV_FIND_LINKS", environment)]
    settings = {
        "index-url": list(filter(_is_remote, stated))[:1],
        "extra-index-url": list(filter(_is_remote, further)),
        "find-links": list(filter(_is_remote, found)),
        "trusted-host": list(pip.get("trusted-host", ())),
        "timeout": [*pip.get("timeout", ()), *pip.get("default-timeout", ())][:1],
    }
    logins = _netrc(environment)
    shown = {name: "\n  ".join(_with_login(one, logins) for one in words) for name, words in settings.items()}
    lines = [f"{name} = {text}" for name, text in shown.items() if text]
    return "\n".join(["[global]", *lines, ""]) if lines else ""


def _is_remote(url: str) -> bool:
    return url.startswith(("https://", "http://"))


def _with_login(url: str, logins: Mapping[str, tuple[str, str]]) -> str:
    """An address with the credentials that the user's netrc file has for its host, where it has none itself."""
    parts = urlsplit(url)
    login = logins.get(parts.hostname or "") if parts.scheme and "@" not in parts.netloc else None
    if login is None:
        return url
    name, password = (quote(part, safe="") for part in login)
    return urlunsplit(parts._replace(netloc=f"{name}:{password}@{parts.netloc}"))


def _pip_settings(environment: Mapping[str, str]) -> dict[str, str]:
    """What pip would use: files first, variables last, as pip orders them."""
    settings: dict[str, str] = {}
    for path in pip_files(environment):
        settings.update(_read_pip_file(path))
    for name, value in environment.items():
        if name.startswith("PIP_") and value:
            settings[name[4:].lower().replace("_", "-")] = value
    return settings


def _read_pip_file(path: Path) -> dict[str, str]:
    """The sections that hold for installing. A file that cannot be read says nothing, as for pip without it."""
    parser = configparser.RawConfigParser()
    try:
        with path.open("rb") as stream:
            parser.read_string(stream.read(_MAX_CONFIG).decode("utf-8", "replace"))
    except (OSError, configparser.Error):
        return {}
    settings: dict[str, str] = {}
    for section in ("global", "install"):
        if parser.has_section(section):
            settings.update({name.replace("_", "-"): value for name, value in parser.items(section)})
    return settings


def _netrc(environment: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Host to name and password, from the file that curl, pip and uv read too."""
    home = environment.get("HOME")
    path = environment.get("NETRC") or (f"{home}/.netrc" if home else "")
    if not path or not Path(path).is_file():
        return {}
    import netrc  # noqa: PLC0415 (few have such a file)

    try:
        hosts = netrc.netrc(path).hosts
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return {}
    return {host: (login, password or "") for host, (login, _, password) in hosts.items()}


def _header(login: str, password: str) -> dict[str, str]:
    return basic_authorization(f"https://{quote(login, safe='')}:{quote(password, safe='')}@host/")


def _words(text: str) -> list[str]:
    return text.split()


def _urls(name: str, environment: Mapping[str, str]) -> list[str]:
    """The words of a variable as uv splits them, without the names that indexes may have."""
    value = environment.get(name, "")
    words = value.split(",") if name == "UV_FIND_LINKS" else _words(value)
    return [_unnamed(word) for word in words if word]


def _unnamed(index: str) -> str:
    """An index may have a name before its address, for uv: `corp=https://…`."""
    name, separator, url = index.partition("=")
    return url if separator and name.replace("-", "").replace("_", "").isalnum() else index


def _secrets(urls: tuple[str, ...]) -> Iterator[str]:
    for url in urls:
        userinfo, at, _ = urlsplit(url).netloc.rpartition("@")
        if at:
            yield userinfo
            yield userinfo.partition(":")[2]
