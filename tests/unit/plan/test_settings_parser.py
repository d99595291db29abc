from __future__ import annotations

from collections.abc import Mapping

import pytest
from msgspec.structs import replace

from packer.errors import UsageError
from packer.plan.settings import DebianSettings, Settings, Source
from packer.plan.settings_parser import Layer, environment_layer, flag_layer, parse_settings, table_layer


def table(values: Mapping[str, object]) -> Layer:
    return table_layer(values, path="pack.toml", line_of=lambda name: 7)


def test_nothing_stated_gives_the_defaults() -> None:
    assert parse_settings([]) == Settings()
    assert parse_settings([]).source("port") is None


def test_every_setting_can_be_stated_in_a_table() -> None:
    stated = table(
        {
            "image": "shop",
            "app": "shop:app",
            "python": "3.11",
            "base": "debian",
            "platforms": ["linux/arm64"],
            "include": ["a"],
            "exclude": ["b"],
            "packages": ["libmagic1t64"],
            "debian": {
                "mirror": "http://m.example.com",
                "security-mirror": "http://s.example.com",
                "snapshot": "http://a.example.com",
                "allow-expired": True,
            },
            "port": 80,
            "workers": 2,
            "threads": 3,
            "timeout": 4,
            "worker-class": "gevent",
            "health": "/up",
            "environment": {"TZ": "UTC"},
            "labels": {"a.b": "c"},
            "bytecode": False,
            "volumes": ["/app/uploads"],
        }
    )

    assert replace(parse_settings([stated]), sources=()) == Settings(
        image="shop",
        app="shop:app",
        python="3.11",
        base="debian",
        platforms=("linux/arm64",),
        include=("a",),
        exclude=("b",),
        packages=("libmagic1t64",),
        debian=DebianSettings(
            mirror="http://m.example.com",
            security_mirror="http://s.example.com",
            snapshot="http://a.example.com",
            allow_expired=True,
        ),
        port=80,
        workers=2,
        threads=3,
        timeout=4,
        worker_class="gevent",
        health="/up",
        environment=(("TZ", "UTC"),),
        labels=(("a.b", "c"),),
        bytecode=False,
        volumes=("/app/uploads",),
    )


def test_a_flag_beats_the_environment_which_beats_the_file() -> None:
    file = table({"port": 1, "workers": 1, "threads": 1})
    environment = environment_layer({"PACK_PORT": "2", "PACK_WORKERS": "2"})
    flags = flag_layer({"port": 3, "app": None})

    settings = parse_settings([file, environment, flags])

    assert (settings.port, settings.workers, settings.threads, settings.app) == (3, 2, 1, None)


def test_every_value_can_say_where_it_comes_from() -> None:
    settings = parse_settings(
        [
            table({"threads": 1}),
            environment_layer({"PACK_DEBIAN_MIRROR": "http://m.example.com"}),
            flag_layer({"worker-class": "gevent"}),
        ]
    )

    assert settings.source("threads") == Source("file", "pack.toml:7")
    assert settings.source("debian.mirror") == Source("environment", "PACK_DEBIAN_MIRROR")
    assert settings.source("worker-class") == Source("flag", "--worker-class")


def test_tables_are_merged_and_lists_are_replaced() -> None:
    weak = table({"environment": {"A": "1", "B": "1"}, "exclude": ["a"]})
    strong = environment_layer({"PACK_ENVIRONMENT": "B=2\nC=2", "PACK_EXCLUDE": "b"})

    settings = parse_settings([weak, strong])

    assert settings.environment == (("A", "1"), ("B", "2"), ("C", "2"))
    assert settings.exclude == ("b",)


def test_flags_that_were_not_given_change_nothing() -> None:
    assert flag_layer({"app": None, "platforms": [], "volumes": ()}) == Layer({}, {})
    assert parse_settings([flag_layer({"bytecode": False})]).bytecode is False


def test_an_empty_variable_is_not_set_and_a_foreign_one_not_ours() -> None:
    assert environment_layer({"PACK_PORT": "", "PACK_VERBOSE": "1", "PORT": "9"}) == Layer({}, {})


@pytest.mark.parametrize(
    ("written", "meant"),
    [("prot", "port"), ("worker_class", "worker-class"), ("Python", "python"), ("debian.miror", "debian.mirror")],
)
def test_an_unknown_name_is_told_the_nearest(written: str, meant: str) -> None:
    with pytest.raises(UsageError) as caught:
        table({written: 1})

    assert (caught.value.where, caught.value.hint) == ("pack.toml:7", f"did you mean {meant}?")


def test_an_unknown_name_like_nothing_is_told_them_all() -> None:
    with pytest.raises(UsageError) as caught:
        table({"zzzzzz" * 1000: 1})

    assert "worker-class" in str(caught.value.hint)
    assert len(str(caught.value)) < 1000


@pytest.mark.parametrize("value", [True, "x", ["a"]])
def test_debian_is_a_table(value: object) -> None:
    with pytest.raises(UsageError, match="debian is a table"):
        table({"debian": value})


def test_a_wrong_value_is_told_with_its_place() -> None:
    with pytest.raises(UsageError) as in_file:
        table({"port": "http"})
    with pytest.raises(UsageError) as in_environment:
        environment_layer({"PACK_PORT": "http"})
    with pytest.raises(UsageError) as in_flag:
        flag_layer({"python": "three"})

    assert str(in_file.value).splitlines()[:2] == [
        "the setting port: a whole number from 1 to 65535 is expected, not a text",
        "  where: pack.toml:7",
    ]
    assert in_environment.value.where == "PACK_PORT"
    assert in_flag.value.where == "--python"
