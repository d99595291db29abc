"""One line of a requirements file, strict where it is right and kind where it is not."""

from __future__ import annotations

import pytest

from packer.project.dependencies.requirement_line import Found, Include, Index, LocalPath, Nothing, read_line
from packer.project.model import Evidence

HERE = Evidence("requirements.txt", 1, "")
DIGEST = "a" * 64


def texts(line: str) -> list[str]:
    return [item.fact.text for item in read_line(line, HERE) if isinstance(item, Found)]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Flask_SQLAlchemy >= 2 , < 3", "flask-sqlalchemy<3,>=2"),
        ("requests [socks,security]==2.8.1", "requests[security,socks]==2.8.1"),
        ("six; python_version<'3'", 'six; python_version < "3"'),
        ("thing @ git+https://example.com/thing@v1", "thing @ git+https://example.com/thing@v1"),
        (
            "git+https://example.com/u/x.git@v1#egg=My_Thing&subdirectory=a",
            "my-thing @ git+https://example.com/u/x.git@v1#subdirectory=a",
        ),
        ("-e git+ssh://git@example.com/u/flask-thing.git", "flask-thing @ git+ssh://git@example.com/u/flask-thing.git"),
        ("git@example.com:u/thing.git", "thing @ git+ssh://git@example.com/u/thing.git"),
        (
            "https://example.com/f/thing-1.2-py3-none-any.whl",
            "thing @ https://example.com/f/thing-1.2-py3-none-any.whl",
        ),
        ("https://github.com/u/thing/archive/master.zip", "thing @ https://github.com/u/thing/archive/master.zip"),
    ],
)
def test_a_right_line_is_a_requirement_in_its_normal_form(line, expected):
    assert texts(line) == [expected]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("certifi @ file:///croot/certifi_1671487769961/work/certifi", ["certifi"]),
        ("thing @ file:///home/me/thing-1.2-py3-none-any.whl", ["thing==1.2"]),
        ("Flask 2.0.1", ["flask==2.0.1"]),
        ("Flask (2.0.1)", ["flask==2.0.1"]),
        ("flask=1.1.2=py39_0", ["flask==1.1.2"]),
        ("flask=1.1.2", ["flask==1.1.2"]),
        ("flask=>2", ["flask>=2"]),
        ("flask==2.x", ["flask==2.*"]),
        ("flask==latest", ["flask"]),
        ("flask^2.0", ["flask<3,>=2.0"]),
        ("'flask',", ["flask"]),
        ("pip install flask flask-cors==3.0", ["flask", "flask-cors==3.0"]),
        ("- flask", ["flask"]),
    ],
)
def test_a_line_that_pip_refuses_is_read_as_it_was_meant(line, expected):
    assert texts(line) == expected


@pytest.mark.parametrize("line", ["Package    Version", "------- -------", "--pre", "--no-binary :all:", "-f wheels"])
def test_a_line_that_asks_for_nothing_is_passed_over_in_silence(line):
    assert read_line(line, HERE) == [Nothing()]


@pytest.mark.parametrize(
    "line", ["This app needs a few things, see below.", "<<<<<<< HEAD", "C:\\wheels\\thing-1-py3-none-any.whl", "???"]
)
def test_a_line_that_nobody_can_use_is_left_out_with_a_reason(line):
    [item] = read_line(line, HERE)

    assert isinstance(item, Nothing)
    assert item.reason


def test_options_of_a_line_are_no_part_of_its_requirement():
    [item] = read_line(f"flask==2.0 --hash=sha256:{DIGEST} --hash=md5:00", HERE)

    assert isinstance(item, Found)
    assert (item.fact.text, item.fact.pinned, item.fact.hashes) == ("flask==2.0", "2.0", (f"sha256:{DIGEST}",))


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("-r base.txt", Include("base.txt", constraints=False)),
        ("-rbase.txt", Include("base.txt", constraints=False)),
        ("--requirement=base.txt", Include("base.txt", constraints=False)),
        ("-c limits.txt", Include("limits.txt", constraints=True)),
        ("--constraint limits.txt", Include("limits.txt", constraints=True)),
        ("-e .[web]", LocalPath(".", frozenset({"web"}))),
        ("./libs/thing", LocalPath("./libs/thing")),
        ("--extra-index-url https://example.com/simple", Index("https://example.com/simple")),
    ],
)
def test_an_option_says_where_else_to_look(line, expected):
    assert read_line(line, HERE) == [expected]


def test_what_is_said_of_an_address_holds_no_password():
    [item] = read_line("git+https://me:secret@example.com/u/thing.git", HERE)

    assert isinstance(item, Found)
    assert item.note
    assert "secret" not in item.note
