"""An index of a few releases, and a resolver that takes the newest of each that it may."""

import re
from datetime import datetime, timezone

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

from packer.wheels.era import hold
from packer.wheels.target import pure_tags

RELEASES = {
    ("web", "1.0"): ("2019-03-01", ("kit", "glue")),
    ("web", "2.0"): ("2024-03-01", ("kit",)),
    ("kit", "1.4"): ("2019-02-01", ()),
    ("kit", "1.9"): ("2020-02-01", ()),
    ("kit", "2.0"): ("2021-02-01", ()),
    ("glue", "0.3"): ("2019-01-01", ()),
    ("glue", "0.4"): ("2022-01-01", ()),
    ("days", "2017.1"): ("2017-01-01", ()),
    ("days", "2026.1"): ("2026-01-01", ()),
    ("clock", "1.0"): ("2018-01-01", ("days",)),
    ("new", "5.0"): ("2025-01-01", ("kit",)),
}


class Index:
    """Resolves like uv: the newest of everything under the limits, of before a day when one is given."""

    def __init__(self, releases=None, tag: str = "py3-none-any") -> None:
        self.releases = RELEASES if releases is None else releases
        self.tag = tag
        self.asked: list[tuple[str, ...]] = []

    def __call__(self, requirements, limits, options) -> bytes:
        self.asked.append(tuple(options))
        words = list(options)
        day = words[1][:10] if words else "9999"
        free = {word.removesuffix("=false") for word in words[3::2]}
        wishes = {wish.name: wish.specifier for wish in map(Requirement, limits)}
        todo, found = [Requirement(text) for text in requirements], {}
        while todo:
            wish = todo.pop()
            fitting = [
                version
                for (name, version), (published, _) in self.releases.items()
                if name == wish.name and version in wish.specifier and version in wishes.get(name, wish.specifier)
                if published < day or name in free
            ]
            found[wish.name] = max(fitting, key=Version)
            todo += map(Requirement, self.releases[wish.name, found[wish.name]][1])
        return "".join(map(self._package, sorted(found.items()))).encode()

    def _package(self, item: tuple[str, str]) -> str:
        name, version = item
        published = self.releases[item][0]
        time = f", upload-time = {published}T00:00:00Z" if published else ""
        wheel = f'{{url = "https://files.test/{name}-{version}-{self.tag}.whl"{time}}}'
        return f'[[packages]]\nname = "{name}"\nversion = "{version}"\nwheels = [{wheel}]\n'


def held(index: Index, *lines: str):
    pinned = {re.split("[=<>]", line)[0]: line for line in lines if "==" in line}
    others = {re.split("[=<>]", line)[0]: line for line in lines if "==" not in line}
    return hold(
        index(lines, (), ()),
        pinned=pinned,
        others=others,
        python="3.13",
        tags=pure_tags(),
        compile_lock=index,
    )


def versions(content: bytes) -> dict[str, str]:
    return dict(re.findall(r'name = "(.*)"\nversion = "(.*)"', content.decode()))


def test_what_a_pin_brings_along_is_held_below_the_next_breaking_release():
    found = held(Index(), "web==1.0")

    assert found.limits == ("glue<0.4", "kit<2")
    assert versions(found.content) == {"web": "1.0", "kit": "1.9", "glue": "0.3"}


def test_the_newest_pin_says_the_time():
    found = held(Index(), "web==1.0", "clock==1.0")

    assert (found.pin, found.day) == ("web 1.0", "2019-03-01")


def test_a_version_that_is_a_year_is_not_held():
    assert held(Index(), "clock==1.0") is None


def test_what_an_unpinned_requirement_asks_for_too_is_not_held():
    assert held(Index(), "web==1.0", "new").limits == ("glue<0.4",)


def test_what_the_project_names_itself_is_not_held():
    assert held(Index(), "web==1.0", "kit").limits == ("glue<0.4",)


def test_without_pins_nothing_is_held():
    assert held(Index(), "web<2") is None


def test_pins_of_today_cost_no_second_resolution():
    index = Index({("web", "2.0"): ("2024-03-01", ("kit",)), ("kit", "2.0"): ("2021-02-01", ())})

    assert held(index, "web==2.0") is None
    assert len(index.asked) == 1


def test_a_pin_without_a_date_may_be_newer_than_all_others():
    assert held(Index({**RELEASES, ("own", "1.0"): ("", ())}), "web==1.0", "own==1.0") is None


def test_a_partner_that_has_no_wheel_of_then_for_the_python_is_not_held():
    assert held(Index(tag="cp27-cp27m-win32"), "web==1.0") is None


def test_a_partner_that_is_too_old_for_the_python_is_not_held():
    old = {("glue", "0.3"): ("2014-01-01", ())}

    assert held(Index({**RELEASES, **old}), "web==1.0").limits == ("kit<2",)


def test_compiled_partners_are_free_where_the_pins_are_older_than_the_python():
    index = Index()

    held(index, "web==1.0")

    assert "numpy=false" in index.asked[1]


def test_compiled_partners_are_held_where_the_pins_are_younger_than_the_python():
    index = Index(
        {
            **RELEASES,
            ("web", "3.0"): ("2025-06-01", ("kit", "late")),
            ("late", "1.0"): ("2025-05-01", ()),
            ("late", "2.0"): ("2026-01-01", ()),
        }
    )

    held(index, "web==3.0")

    assert "numpy=false" not in index.asked[1]


def test_nothing_is_held_where_the_project_would_get_another_version_of_its_own_choice():
    class Moving(Index):
        def __call__(self, requirements, limits, options) -> bytes:
            return super().__call__(
                [line.replace("1.0", "2.0") if limits else line for line in requirements], (), options
            )

    assert held(Moving(), "web==1.0") is None


@pytest.mark.parametrize("content", [b"", b"packages = []"])
def test_an_empty_lock_is_left_as_it_is(content):
    found = hold(content, pinned={}, others={}, python="3.13", tags=(), compile_lock=Index())

    assert found is None


def test_the_time_is_told_to_uv_with_some_days_of_grace():
    index = Index()

    held(index, "web==1.0")

    stamp = datetime.fromisoformat(index.asked[1][1].replace("Z", "+00:00"))
    assert stamp == datetime(2019, 3, 31, tzinfo=timezone.utc)


def test_what_would_not_work_with_the_partner_it_gets_is_not_held():
    releases = {
        ("flask", "1.0"): ("2019-03-01", ("jinja2",)),
        ("jinja2", "2.10"): ("2019-02-01", ("markupsafe",)),
        ("jinja2", "3.1"): ("2023-02-01", ("markupsafe",)),
        ("markupsafe", "3.0"): ("2018-02-01", ()),
    }

    assert held(Index(releases), "flask==1.0") is None
