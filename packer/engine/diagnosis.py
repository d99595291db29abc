"""From the log of a container that failed to a likely cause, and what to do about it."""

from __future__ import annotations

from msgspec import Struct

from packer.engine.excerpt import error_text, excerpt, printable
from packer.engine.symptoms import SYMPTOMS, Symptom
from packer.engine.throwaway import Exit

__all__ = ["Diagnosis", "diagnose"]


class Diagnosis(Struct, frozen=True, kw_only=True):
    """Why an image did not boot, as far as its log tells.

    Attributes:
        cause: one sentence, lower case, without a full stop.
        hint: what to do, as an instruction.
        excerpt: the app's own words: the lines of the log that tell most, without control characters.
        away: what is missing around an app that answers, where that is the cause: a service, the tables of a database.
            Empty where the image itself is to blame.
    """

    cause: str
    hint: str
    excerpt: str
    away: str = ""


def diagnose(logs: str, *, ended: Exit | None = None, status: int | None = None) -> Diagnosis:
    """Explain a failure. `ended` is how the container ended, `status` its last HTTP answer; None where there was none.

    >>> diagnose("ModuleNotFoundError: No module named 'flask_cors'").hint
    "add flask-cors to the project's dependencies"
    """
    cause, hint, away = _explain(logs, ended=ended, status=status)
    answers = ended is None and status is not None
    return Diagnosis(cause=cause, hint=hint, excerpt=excerpt(logs), away=away if answers else "")


def _explain(logs: str, *, ended: Exit | None, status: int | None) -> tuple[str, str, str]:
    if ended is not None and ended.out_of_memory:
        hint = "give it more, or run fewer workers (workers = 1 under [tool.pack])"
        return "the container ran out of memory", hint, ""
    for text in (error_text(logs), printable(logs)):
        for symptom in SYMPTOMS:
            found = symptom.pattern.search(text)
            if found:
                return _fill(symptom, found.groupdict(default=""))
    return (*_without_symptom(ended=ended, status=status), "")


def _fill(symptom: Symptom, facts: dict[str, str]) -> tuple[str, str, str]:
    known = symptom.enrich(facts)
    return symptom.cause.format_map(known), symptom.hint.format_map(known), symptom.away.format_map(known)


def _without_symptom(*, ended: Exit | None, status: int | None) -> tuple[str, str]:
    if ended is not None:
        return f"the app ended with exit code {ended.code}", "its own words say why; `docker run` it to see all of them"
    if status is not None:
        return (
            f"the app runs, but answers with HTTP status {status}",
            'ask a path that works without a database or login: health = "/…" under [tool.pack]',
        )
    return (
        "the app did not answer in time",
        "if it only needs longer, raise the time limit; `pack inspect` shows which app and path were chosen",
    )
