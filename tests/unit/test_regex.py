import re

from packer.regex import regex


def test_it_matches_as_the_expression_does() -> None:
    lazy, eager = regex(r"(?P<name>[a-z]+)=(\d+)", re.IGNORECASE), re.compile(r"(?P<name>[a-z]+)=(\d+)", re.IGNORECASE)

    for text in ("Shop=12", "shop=", "a=1 b=2"):
        assert lazy.findall(text) == eager.findall(text)
        assert bool(lazy.fullmatch(text)) == bool(eager.fullmatch(text))
        assert lazy.sub(r"\g<name>", text) == eager.sub(r"\g<name>", text)
    assert (lazy.pattern, lazy.flags, lazy.groupindex) == (eager.pattern, eager.flags, eager.groupindex)


def test_nothing_is_compiled_before_it_is_used(monkeypatch) -> None:
    compiled = []
    monkeypatch.setattr(re, "compile", lambda *arguments: compiled.append(arguments) or re._compile(*arguments))

    expression = regex("[a-z]+")
    assert compiled == []
    expression.match("shop")
    expression.match("shop")
    assert len(compiled) == 1
