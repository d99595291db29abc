import os
from pathlib import Path

import pytest

from packer.wheels.indexes import indexes, pip_configuration

NO_FILES = {"PIP_CONFIG_FILE": os.devnull}


def test_what_pip_was_told_is_said_to_uv():
    found = indexes(
        {
            **NO_FILES,
            "PIP_INDEX_URL": "https://one.example.test/simple",
            "PIP_EXTRA_INDEX_URL": "https://two.example.test/simple https://three.example.test/simple",
            "PIP_FIND_LINKS": "/a /b",
            "PIP_TRUSTED_HOST": "two.example.test",
            "PIP_CERT": "/etc/ssl/company.pem",
            "PIP_NO_INDEX": "true",
        }
    )

    assert found.environment == {
        "UV_DEFAULT_INDEX": "https://one.example.test/simple",
        "UV_INDEX": "https://two.example.test/simple https://three.example.test/simple",
        "UV_FIND_LINKS": "/a,/b",
        "UV_INSECURE_HOST": "two.example.test",
        "SSL_CERT_FILE": "/etc/ssl/company.pem",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }
    assert found.options == ("--no-index",)


def test_what_uv_was_told_wins():
    found = indexes(
        {
            **NO_FILES,
            "PIP_INDEX_URL": "https://pip.example.test/simple",
            "PIP_EXTRA_INDEX_URL": "https://pip.example.test/more",
            "UV_INDEX_URL": "https://uv.example.test/simple",
            "UV_EXTRA_INDEX_URL": "https://uv.example.test/more",
        }
    )

    assert found.environment == {}
    assert found.urls == ("https://uv.example.test/simple", "https://uv.example.test/more")


def test_files_of_pip_are_read_and_variables_win(tmp_path: Path):
    home = tmp_path / "home"
    (home / ".config" / "pip").mkdir(parents=True)
    (home / ".config" / "pip" / "pip.conf").write_text(
        "[global]\nindex-url = https://file.example.test/simple\n"
        "extra-index-url =\n  https://a.example.test/simple\n  https://b.example.test/simple\n"
        "[install]\nfind_links = /links\n[freeze]\nindex-url = https://other.example.test\n"
    )
    environment = {"HOME": str(home), "XDG_CONFIG_DIRS": str(tmp_path / "none")}

    found = indexes(environment)
    overruled = indexes({**environment, "PIP_INDEX_URL": "https://variable.example.test/simple"})

    assert found.environment["UV_DEFAULT_INDEX"] == "https://file.example.test/simple"
    assert found.environment["UV_INDEX"] == "https://a.example.test/simple https://b.example.test/simple"
    assert found.environment["UV_FIND_LINKS"] == "/links"
    assert overruled.environment["UV_DEFAULT_INDEX"] == "https://variable.example.test/simple"


@pytest.mark.parametrize("content", [b"\xff\xfe\0", b"no section", b"[global\nx"])
def test_a_broken_file_of_pip_says_nothing(tmp_path, content):
    path = tmp_path / "pip.conf"
    path.write_bytes(content)

    assert "UV_INDEX" not in indexes({"PIP_CONFIG_FILE": str(path), "XDG_CONFIG_DIRS": str(tmp_path)}).environment


def test_indexes_of_the_project_are_asked_too():
    found = indexes(NO_FILES, extra=("https://project.example.test/simple",))

    assert found.environment["UV_INDEX"] == "https://project.example.test/simple"


def test_credentials_go_to_their_own_host_only_and_nowhere_else():
    found = indexes({**NO_FILES, "UV_INDEX": "corp=https://me:hunter2@corp.example.test/simple"})

    assert found.authorization("https://corp.example.test/files/x.whl") == {"Authorization": "Basic bWU6aHVudGVyMg=="}
    assert found.authorization("https://files.example.test/x.whl") == {}
    assert found.authorization("http://corp.example.test/x.whl") == {}
    assert not any("hunter2" in part for part in found.key)
    assert "hunter2" in found.secrets


def test_credentials_of_a_netrc_file_serve_the_indexes_hosts(tmp_path):
    (tmp_path / "netrc").write_text("machine corp.example.test login me password hunter2\n")
    found = indexes(
        {**NO_FILES, "NETRC": str(tmp_path / "netrc"), "UV_DEFAULT_INDEX": "https://corp.example.test/simple"}
    )

    assert found.authorization("https://corp.example.test/x.whl") == {"Authorization": "Basic bWU6aHVudGVyMg=="}
    assert found.authorization("https://other.example.test/x.whl") == {}


def test_the_key_tells_indexes_apart_but_not_credentials():
    one = indexes({**NO_FILES, "UV_DEFAULT_INDEX": "https://me:a@corp.example.test/simple"})
    two = indexes({**NO_FILES, "UV_DEFAULT_INDEX": "https://me:b@corp.example.test/simple"})
    three = indexes({**NO_FILES, "UV_DEFAULT_INDEX": "https://corp.example.test/other"})

    assert one.key == two.key != three.key


def test_another_machine_is_told_of_indexes_and_not_of_this_machines_files(tmp_path):
    (tmp_path / ".netrc").write_text("machine two.example.test login ann password p@ss\n")
    told = pip_configuration(
        {
            **NO_FILES,
            "HOME": str(tmp_path),
            "PIP_INDEX_URL": "https://user:secret@one.example.test/simple",
            "PIP_EXTRA_INDEX_URL": "file:///srv/index https://two.example.test/simple",
            "PIP_FIND_LINKS": "/srv/wheels",
            "PIP_CONSTRAINT": "/srv/constraints.txt",
            "PIP_TRUSTED_HOST": "two.example.test",
            "UV_INDEX": "corp=https://three.example.test/simple",
        }
    )

    assert told == (
        "[global]\n"
        "index-url = https://user:secret@one.example.test/simple\n"
        "extra-index-url = https://ann:p%40ss@two.example.test/simple\n"
        "  https://three.example.test/simple\n"
        "trusted-host = two.example.test\n"
    )


def test_another_machine_is_told_nothing_where_nothing_is_set():
    assert pip_configuration({**NO_FILES, "PIP_FIND_LINKS": "/srv/wheels"}) == ""
