from __future__ import annotations

import re

import pytest

from packer.plan.settings import setting_kinds
from packer.plan.settings_values import Kind, ListTable, Misfit, Number, Switch, Text, TextList, TextTable, Variables

WORD = Text("a word", "[a-z]+", "word")


def kind(name: str) -> Kind:
    return setting_kinds()[name]


@pytest.mark.parametrize(
    ("of", "value", "reason"),
    [
        (WORD, 3, "a word is expected, as text, not a number"),
        (WORD, "A B", "'A B' is not a word"),
        (WORD, "word\n", r"'word\\n' is not a word"),
        (Number(1, 5), "3", "a whole number from 1 to 5 is expected, not a text"),
        (Number(1, 5), True, "a whole number from 1 to 5 is expected, not a boolean"),
        (Number(1, 5), 2.0, "a whole number from 1 to 5 is expected, not a number"),
        (Number(1, 5), 6, "6 is not a whole number from 1 to 5"),
        (Switch(), "yes", "true or false is expected, not a text"),
        (Switch(), 1, "true or false is expected, not a number"),
        (TextList(WORD), "word", "a list is expected, not a text"),
        (TextList(WORD), ["word", 1], "a word is expected, as text, not a number"),
        (TextTable(WORD, "x"), ["a"], "a table of names and texts is expected, not a list"),
        (ListTable(WORD, TextList(WORD)), ["a"], "a table of names and lists is expected, not a list"),
        (ListTable(WORD, TextList(WORD)), {"a": "x"}, "a list is expected, not a text"),
        (ListTable(WORD, TextList(WORD)), {"a": ["X"]}, "'X' is not a word"),
        (TextTable(WORD, "x"), {"a": 1}, "a must be a text, not a number"),
        (TextTable(WORD, "x"), {"A": "1"}, "'A' is not a word"),
        (TextTable(WORD, "x"), {"a": "x\0y"}, "a holds a NUL character"),
    ],
)
def test_a_wrong_value_is_told_what_was_expected(of: Kind, value: object, reason: str) -> None:
    with pytest.raises(Misfit, match=f"^{reason}"):
        of.parse(value)


@pytest.mark.parametrize(
    ("of", "text", "value"),
    [
        (Number(1, 65535), " 80 ", 80),
        (Switch(), "TRUE", True),
        (Switch(), "off", False),
        (TextList(WORD), "b, a\nc,,b", ("b", "a", "c")),
        (TextTable(WORD, "x"), "b=2=2\n\na=1", (("a", "1"), ("b", "2=2"))),
        (ListTable(WORD, TextList(WORD)), "b=y,x\n\na=z", (("a", ("z",)), ("b", ("y", "x")))),
    ],
)
def test_an_environment_variable_spells_a_value(of: Kind, text: str, value: object) -> None:
    assert of.parse_text(text) == value


@pytest.mark.parametrize(
    ("of", "text"),
    [
        (Number(1, 9), "\N{FULLWIDTH DIGIT ONE}"),
        (Number(1, 9), "1.0"),
        (Number(1, 9), "9" * 5000),
        (Switch(), "perhaps"),
        (TextTable(WORD, "x"), "novalue"),
        (ListTable(WORD, TextList(WORD)), "novalue"),
    ],
)
def test_an_environment_variable_that_spells_none_is_refused(of: Kind, text: str) -> None:
    with pytest.raises(Misfit):
        of.parse_text(text)


@pytest.mark.parametrize(
    "name",
    [
        "SECRET_KEY",
        "secret_key",
        "DB_PASSWORD",
        "MYSQL_PWD",
        "GITHUB_TOKEN",
        "AWS_ACCESS_KEY_ID",
        "AWS_SECRET_ACCESS_KEY",
        "STRIPE_API_KEY",
        "APIKEY",
        "GOOGLE_CREDENTIALS",
        "SECRET_KEY_BASE",
    ],
)
def test_a_secret_is_refused_by_its_name_and_never_shown(name: str) -> None:
    with pytest.raises(Misfit, match="looks like a secret") as caught:
        kind("environment").parse({name: "hunter2"})

    assert "hunter2" not in caught.value.reason + str(caught.value.hint)


@pytest.mark.parametrize("value", ["mysql+pymysql://shop:hunter2@db/shop", "redis://:hunter2@cache:6379/0"])
def test_an_address_with_a_password_is_a_secret_under_any_name(value: str) -> None:
    with pytest.raises(Misfit, match="DATABASE_URL looks like a secret"):
        Variables(Text("a name", ".+", "A"), "x").parse({"DATABASE_URL": value})


@pytest.mark.parametrize(
    "variable",
    [
        ("SECRET_KEY_FILE", "/run/secrets/secret_key"),
        ("TOKENIZERS_PARALLELISM", "false"),
        ("TOKEN_LIFETIME_SECONDS", "60"),
        ("CACHE_KEY_PREFIX", "shop"),
        ("DATABASE_URL", "mysql+pymysql://shop@db/shop"),
        ("MAX_TOKENS", "100"),
    ],
)
def test_what_only_sounds_like_a_secret_is_allowed(variable: tuple[str, str]) -> None:
    assert kind("environment").parse(dict([variable])) == (variable,)


@pytest.mark.parametrize(
    ("name", "good", "bad"),
    [
        (
            "image",
            ["shop", "team/shop", "localhost:5000/shop", "r.example.com/a/b__c"],
            ["Shop", "shop:1", "a//b", "s@x"],
        ),
        ("app", ["app:app", "shop.web:create_app()", "a:make(name='x y')"], ["app", "app:", ":app", "a:b\nc", "a b:c"]),
        ("python", ["3.9", "3.13"], ["3", "2.7", "3.13.1", "3.x"]),
        ("base", ["debian", "oci:../x y", "python:3.13-slim"], ["", " ", " x"]),
        ("health", ["/", "/healthz?full=1"], ["healthz", "/a b", "/x#y", ""]),
        ("worker-class", ["gevent", "a.b.C"], ["a b", "a.", "x;y"]),
        ("debian.mirror", ["http://m.example.com/debian"], ["ftp://m.example.com", "https://u:p@m.example.com", "m"]),
    ],
)
def test_a_text_setting_knows_its_form(name: str, good: list[str], bad: list[str]) -> None:
    for text in good:
        assert kind(name).parse(text) == text
    for text in bad:
        with pytest.raises(Misfit):
            kind(name).parse(text)


@pytest.mark.parametrize("path", ["uploads", "/", "/app/../etc", "/app/.", "//", "/a//b", "/a\nb", "/.."])
def test_a_volume_is_an_absolute_folder_that_goes_nowhere_else(path: str) -> None:
    with pytest.raises(Misfit):
        kind("volumes").parse([path])


def test_a_volume_may_have_dots_in_its_names() -> None:
    assert kind("volumes").parse(["/app/.cache/a..b/"]) == ("/app/.cache/a..b/",)


@pytest.mark.parametrize("name", sorted(setting_kinds()))
def test_long_texts_that_almost_fit_are_refused_without_backtracking(name: str) -> None:
    of = kind(name)
    text = getattr(of, "item", getattr(of, "name", of))
    if not isinstance(text, Text):
        return
    for hostile in ("a" * 20_000 + "\n", "/a" * 10_000 + "\n", "a." * 10_000 + "\n", "a:" * 10_000 + "\n"):
        assert not re.fullmatch(text.pattern, hostile)
