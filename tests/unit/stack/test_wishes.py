"""What the command line says of ports, variables and moments."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from packer.engine.containers import Published
from packer.errors import UsageError
from packer.stack.logs import moment_of
from packer.stack.ports import PortWish, free_port, parse_port, require_free, settled
from packer.stack.variables import read_variables, variables


@pytest.mark.parametrize(
    ("text", "wish"),
    [
        ("4000", PortWish(outside=4000)),
        ("4000:80", PortWish(outside=4000, inside=80)),
        (":80", PortWish(inside=80)),
        ("0.0.0.0:4000:80", PortWish(address="0.0.0.0", outside=4000, inside=80)),
        ("[::1]:4000:80/udp", PortWish(address="::1", outside=4000, inside=80, protocol="udp")),
        ("localhost:4000", PortWish(outside=4000)),
    ],
)
def test_ports_are_read_as_docker_reads_them_but_for_the_address(text: str, wish: PortWish) -> None:
    assert parse_port(text) == wish


@pytest.mark.parametrize("text", ["", "x", "0", "70000", "4000:0", "4000-4010", "1:2:3:4", "-1"])
def test_a_port_that_is_none_ends_with_a_clear_message(text: str) -> None:
    with pytest.raises(UsageError, match="is no port"):
        parse_port(text)


def test_the_images_own_port_is_taken_where_none_is_named() -> None:
    assert settled([parse_port("4000")], [8000])[0].container == 8000
    with pytest.raises(UsageError, match="does not say") as refused:
        settled([parse_port("4000")], [])
    assert refused.value.hint == "say it: -p 4000:PORT"


def test_a_port_that_is_taken_is_refused_before_anything_is_made() -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        taken = other.getsockname()[1]
        with pytest.raises(UsageError, match=f"port {taken} .* taken"):
            require_free([Published(container=80, address="127.0.0.1", port=taken)])
        assert free_port("127.0.0.1", wished=taken) != taken
    require_free([Published(container=80, address="127.0.0.1", port=None)])


def test_variables_come_from_here_only_by_name() -> None:
    assert variables(["A=b=c", "HERE", "GONE", "E="], {"HERE": "1"}) == {"A": "b=c", "HERE": "1", "E": ""}
    with pytest.raises(UsageError, match="needs a name"):
        variables(["=x"], {})


def test_a_file_of_variables_is_read_line_by_line(tmp_path: Path) -> None:
    file = tmp_path / "env"
    file.write_text("# a note\n\nA=1 # kept\n  B='2'\nHERE\n")
    assert read_variables([file], {"HERE": "3"}) == {"A": "1 # kept", "B": "'2'", "HERE": "3"}
    file.write_bytes(b"\xff\xfe")
    with pytest.raises(UsageError, match="cannot be read"):
        read_variables([file], {})


def test_moments_are_dates_or_so_long_ago() -> None:
    assert moment_of("2h", now=10_000) == 2800
    assert moment_of("2026-07-01T12:00:00+02:00", now=0) == moment_of("2026-07-01T10:00:00Z", now=0)
    with pytest.raises(UsageError, match="no moment"):
        moment_of("yesterday", now=0)
