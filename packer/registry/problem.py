"""What a registry's refusal means, in words that a person can act on.

Specification: https://github.com/opencontainers/distribution-spec/blob/main/spec.md#error-codes
"""

from __future__ import annotations

import json

from packer.errors import PackError, RegistryError
from packer.oci.reference import DEFAULT_REGISTRY
from packer.registry.patience import SetbackError
from packer.registry.scope import Scope
from packer.system.http import Request, Response
from packer.system.transport import retry_after
from packer.system.urls import redacted

__all__ = ["RETRIED_STATUSES", "RefusedError", "asked_for", "problem"]

RETRIED_STATUSES = frozenset({408, 429, 499, 500, 502, 503, 504, 522})
"""Answers after which the same request may succeed a moment later, as other clients found out."""
_LONGEST_BODY = 65_536
_LONGEST_MESSAGE = 300


class RefusedError(RegistryError):
    """A registry answers that it will not do something.

    Attributes:
        status: of its answer.
        codes: the error codes in it: `BLOB_UPLOAD_UNKNOWN`.
    """

    def __init__(self, what: str, *, where: str, hint: str | None, status: int, codes: frozenset[str]) -> None:
        super().__init__(what, where=where, hint=hint)
        self.status = status
        self.codes = codes


def problem(
    response: Response, what: str, *, request: Request, registry: str, scope: Scope, source: str | None, now: float
) -> PackError:
    """The error for an answer that is none: a `SetbackError` where trying again may help, else a `RefusedError`.

    Args:
        response: the answer; at most 64 KiB of its body are read.
        what: what was tried, as a verb phrase: `take the layer cryptography`.
        request: what was asked.
        registry: its name in references.
        scope: the right that was needed.
        source: where the credential came from; None without one.
        now: the wall clock, for a `Retry-After` that is a date.
    """
    codes, messages = _diagnostics(response)
    said = "; ".join(messages) or f"it answers {response.status}"
    where = asked_for(request, scope, source)
    if response.status in RETRIED_STATUSES or "TOOMANYREQUESTS" in codes:
        limited = response.status == 429 or "TOOMANYREQUESTS" in codes
        hint = "it limits requests: log in, or try again later" if limited else "try again later"
        asked = retry_after(response.headers.get("retry-after"), now)
        return SetbackError(f"{registry} cannot {what} now: {said}", where=where, hint=hint, asked=asked)
    return RefusedError(
        f"{registry} refuses to {what}: {said}",
        where=where,
        hint=_hint(response.status, codes, registry, scope, source),
        status=response.status,
        codes=codes,
    )


def asked_for(request: Request, scope: Scope, source: str | None) -> str:
    """What was asked, for which right, and as whom: enough for whoever runs the registry to find it in a log."""
    credential = f"with the credential from {source}" if source else "without a credential"
    return f"{request.method} {redacted(request.url)} ({', '.join((*scope.texts, credential))})"


def _diagnostics(response: Response) -> tuple[frozenset[str], tuple[str, ...]]:
    """The error codes and the messages in a body; messages are shortened and made printable."""
    try:
        errors = json.loads(response.read(_LONGEST_BODY))["errors"]
        found = [(str(one.get("code", "")), str(one.get("message") or one.get("code") or "")) for one in errors]
    except (PackError, ValueError, RecursionError, KeyError, TypeError, AttributeError):
        return frozenset(), ()
    texts = ("".join(one if one.isprintable() else " " for one in text)[:_LONGEST_MESSAGE] for _, text in found)
    return frozenset(code for code, _ in found), tuple(dict.fromkeys(text for text in texts if text))


def _hint(status: int, codes: frozenset[str], registry: str, scope: Scope, source: str | None) -> str | None:
    if status in (401, 403) or codes & {"UNAUTHORIZED", "DENIED"}:
        return _hint_about_rights(registry, scope, source)
    if "NAME_UNKNOWN" in codes or (status == 404 and scope.push):
        return f"create the repository {scope.repository} first, or check its name"
    if status == 413:
        return "a proxy before the registry limits the size of uploads: ask for its limit to be raised"
    return None


def _hint_about_rights(registry: str, scope: Scope, source: str | None) -> str:
    if registry == DEFAULT_REGISTRY and scope.repository.count("/") > 1:
        return "names on Docker Hub have two parts: user/repository"
    if source is None:
        return f"log in: pack login {registry}"
    if not scope.repository:
        return "check the name and the password; some registries take tokens only"
    right = f"{'write to' if scope.push else 'read'} {scope.repository}"
    return f"the credential from {source} may not {right}; use another: pack login {registry}"
