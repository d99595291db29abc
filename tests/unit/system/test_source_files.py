from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest

from packer.system.source_files import source_files

Project = Callable[[dict[str, str | bytes]], Path]

CERTIFICATE = "-----BEGIN CERTIFICATE-----\nMII\n-----END CERTIFICATE-----\n"
PRIVATE_KEY = "-----BEGIN PRIVATE KEY-----\nMII\n-----END PRIVATE KEY-----\n"


def shipped(root: Path, *exclude: str) -> list[str]:
    return [file.path for file in source_files(root, exclude).files]


def left_out(root: Path, *exclude: str) -> dict[str, str]:
    return dict(source_files(root, exclude).left_out)


def test_the_files_of_an_app_go_in(project: Project) -> None:
    files = [
        "LICENSE", "README.md", "app/__init__.py", "app/static/site.css", "app/templates/index.html", "bin/run",
        "docs/x.md", "migrations/versions/1.py", "pyproject.toml", "requirements.txt", "tests/test_app.py", "uv.lock",
    ]  # fmt: skip
    root = project(dict.fromkeys(files, ""))
    assert shipped(root) == files
    assert left_out(root) == {}


@pytest.mark.parametrize(
    "secret",
    [
        ".env", ".env.production", "conf/prod.env", ".envrc", ".flaskenv", "id_rsa", "keys/id_ed25519", "ID_RSA",
        "tls/server.key", "tls/server.pem", "x.p12", "app.db", "instance/shop.sqlite3", "x.sqlite", "x.db-wal",
        ".netrc", ".pgpass", ".htpasswd", "client_secret_12.json", "Prod.ENV",
    ],
)  # fmt: skip
def test_secrets_and_local_databases_stay_out_and_are_named(project: Project, secret: str) -> None:
    root = project({secret: "secret", "app.py": ""})
    assert shipped(root) == ["app.py"]
    assert list(left_out(root)) == [secret]


@pytest.mark.parametrize(
    "example",
    [".env.example", ".env.sample", "env.example", "example.env", ".env.template", ".env.dist", "database.py",
     "environment.py", "id_rsa.pub", "keys.py", "monkey.json", "config.default.env"],
)  # fmt: skip
def test_what_only_looks_like_a_secret_goes_in(project: Project, example: str) -> None:
    assert shipped(project({example: ""})) == [example]


def test_a_pem_file_is_a_secret_only_with_a_private_key_in_it(project: Project) -> None:
    root = project({"ca.pem": CERTIFICATE, "both.pem": CERTIFICATE + PRIVATE_KEY, "k.key": PRIVATE_KEY, "odd.pem": "?"})
    assert shipped(root) == ["ca.pem"]
    assert set(left_out(root)) == {"both.pem", "k.key", "odd.pem"}


@pytest.mark.parametrize("folder", [".aws", ".ssh", ".kube"])
def test_folders_of_credentials_stay_out_and_are_named(project: Project, folder: str) -> None:
    root = project({f"{folder}/config": "", "app.py": ""})
    assert shipped(root) == ["app.py"]
    assert list(left_out(root)) == [f"{folder}/"]


@pytest.mark.parametrize(
    "tooling",
    ["Dockerfile", "Dockerfile.dev", "web.Dockerfile", "docker-compose.yml", "compose.prod.yaml", ".dockerignore",
     ".gitignore", ".git/HEAD", ".vscode/settings.json", ".github/workflows/ci.yml", "x.pyc", ".DS_Store", "app.py~",
     ".coverage", "node_modules/x/y.js", ".venv/x.py"],
)  # fmt: skip
def test_what_only_tools_read_stays_out_without_a_word(project: Project, tooling: str) -> None:
    root = project({tooling: "", "app.py": ""})
    assert shipped(root) == ["app.py"]
    assert left_out(root) == {}


def test_what_git_ignores_stays_out_and_is_named_where_the_app_may_need_it(project: Project) -> None:
    root = project(
        {
            ".gitignore": "*.log\nstatic/dist/\nconfig.py\ninstance/\nuploads/\n*.mo",
            "app.py": "",
            "debug.log": "",
            "static/dist/bundle.js": "",
            "config.py": "",
            "instance/config.py": "",
            "uploads/cat.jpg": "",
            "translations/de/messages.mo": "",
        }
    )
    assert shipped(root) == ["app.py"]
    assert list(left_out(root)) == ["config.py", "instance/", "static/dist/", "translations/de/messages.mo"]


def test_dockerignore_is_obeyed_with_its_exceptions(project: Project) -> None:
    root = project(
        {
            ".dockerignore": "*\n!app\napp/tests\n!docs/manual/*.md\n",
            "app/main.py": "",
            "app/tests/test.py": "",
            "docs/manual/a.md": "",
            "docs/manual/a.txt": "",
            "docs/b.md": "",
            "other.py": "",
        }
    )
    assert shipped(root) == ["app/main.py", "docs/manual/a.md"]


def test_settings_have_the_last_word(project: Project) -> None:
    files: dict[str, str | bytes] = {
        ".gitignore": "static/dist/\nsecret.txt",
        ".dockerignore": "docs",
        "app.py": "",
        "big.bin": "",
        "a/big.bin": "",
        "data/cities.db": "",
        "docs/a.md": "",
        "secret.txt": "",
        "static/dist/a.js": "",
        "static/dist/.env": "",
        "static/dist/deep/b.js": "",
    }
    root = project(files)
    assert shipped(root, "/big.bin") == ["a/big.bin", "app.py"]
    assert "data/cities.db" in shipped(root, "!data/cities.db")
    assert "docs/a.md" in shipped(root, "!docs/")
    wanted = shipped(root, "!static/dist/", "*.bin")
    assert wanted == ["app.py", "static/dist/a.js", "static/dist/deep/b.js"]
    assert shipped(root, "!static/dist/deep/b.js", "*.bin") == ["app.py", "static/dist/deep/b.js"]


def test_no_setting_brings_foreign_folders_back(project: Project) -> None:
    assert shipped(project({".git/config": "", "node_modules/x.js": "", "a": ""}), "!.git", "!node_modules/") == ["a"]


def test_each_file_has_the_facts_that_tell_a_change(project: Project) -> None:
    root = project({"run.sh": "#!", "app.py": "x = 1"})
    (root / "run.sh").chmod(0o755)
    application, script = source_files(root).files
    facts = (root / "app.py").stat()
    assert (application.path, application.size, application.executable, application.target) == (
        "app.py",
        5,
        False,
        None,
    )
    assert (application.mtime_ns, application.ctime_ns) == (facts.st_mtime_ns, facts.st_ctime_ns)
    assert application.inode == facts.st_ino
    assert script.executable


def test_links_are_kept_as_links_when_they_lead_to_what_is_kept(project: Project) -> None:
    root = project({"assets/site.css": "", "assets/deep/x.css": "", "app.py": "", ".env": "", "a/b/c.py": ""})
    links = {
        "static/site.css": "../assets/site.css",
        "absolute.css": str(root / "assets" / "site.css"),
        "roundabout": "a/../assets",
        "folder": "assets/deep",
        "settings": ".env",
        "outside": "/etc/hostname",
        "broken": "nowhere",
        "loop": "loop",
    }
    (root / "static").mkdir()
    for name, target in links.items():
        (root / name).symlink_to(target)
    listing = source_files(root)
    assert {file.path: file.target for file in listing.files if file.target} == {
        "static/site.css": "../assets/site.css",
        "absolute.css": "assets/site.css",
        "roundabout": "assets",
        "folder": "assets/deep",
    }
    assert sorted(dict(listing.left_out)) == [".env", "broken", "loop", "outside", "settings"]


def test_what_an_image_cannot_hold_is_named(project: Project) -> None:
    root = project({"a.py": "", ".wh.a.py": ""})
    os.mkfifo(root / "pipe")
    Path(os.fsdecode(os.fsencode(root) + b"/caf\xe9")).write_text("")
    assert shipped(root) == ["a.py"]
    assert sorted(left_out(root)) == [".wh.a.py", "caf?", "pipe"]


def test_the_list_is_sorted_and_the_same_every_time(project: Project) -> None:
    root = project({f"{letter}/{number}.py": "" for letter in "zab" for number in range(20)})
    paths = shipped(root)
    assert paths == sorted(paths)
    assert source_files(root) == source_files(root)
