"""Whatever a project or its settings hold, nothing of it becomes another instruction, key or directive of a file."""

from __future__ import annotations

import ast
import configparser
import json
import shlex
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec.structs import replace

from packer.errors import PlanError
from packer.plan.installation import PinnedDistribution
from packer.plan.model import HealthCheck, Volume
from packer.plan.stack_model import AppSecret
from packer.render.bundle import GROUPS, Context, render_bundle
from packer.render.dockerignore import docker_patterns
from packer.system.ignore import DockerIgnore
from tests.testbed.dockerfiles import expanded_array, instructions, names_and_values, words
from tests.testbed.generated import context_of

ROOT = Path(__file__).parents[3]
PLAIN = context_of(ROOT / "tests" / "projects" / "mysql-and-celery" / "project")

PRINTABLE = (
    "\\ \" ' $ ${HOME} $(id) `id` # - {{x}} {%x%} <<EOF &a *a !reset | > [ ] , = ; % ü 🌱 -e --flag .. / a 0 no ~"
)
CONTROLS = ("\n", "\r", "\t", "\x00", "\x85", "\u2028", "\ud800", "\ufeff", "\x1b[31m")
PHRASES = (" ", ": ", "- ", " # ", "RUN touch /x", "\nUSER root\n", "\n[mysqld]\n")
pieces = st.sampled_from((*PRINTABLE.split(), *CONTROLS, *PHRASES))
texts = st.lists(pieces, min_size=1, max_size=6).map("".join) | st.text(min_size=1, max_size=12)
names = texts | st.from_regex(r"[a-z][a-z0-9_-]{0,10}", fullmatch=True)


def rendered(context: Context) -> dict[str, str] | None:
    """The files; None where pack refuses to say a value, with a message that shows it safely."""
    try:
        return {file.path: file.text for file in render_bundle(context, GROUPS)}
    except PlanError as error:
        if "cannot be written to a generated file" not in error.what or not error.what.isprintable():
            raise
        return None


def shape(text: str) -> list[str]:
    return [one.keyword for one in instructions(text)]


def keys(value: Any) -> Any:
    """A YAML document without its texts."""
    if isinstance(value, dict):
        return {key: keys(inner) for key, inner in value.items()}
    return [keys(inner) for inner in value] if isinstance(value, list) else type(value).__name__


def document(files: dict[str, str], path: str = "compose.yaml") -> dict[str, Any]:
    return dict(yaml.safe_load(files[path]))


@given(value=texts, label=texts)
@settings(deadline=None, max_examples=60)
def test_environment_and_labels(value: str, label: str) -> None:
    plan = replace(
        PLAIN.plan,
        labels=((label, value), ("fixed", "x")),
        runtime=replace(PLAIN.plan.runtime, environment=(("FIRST", value), ("LAST", "y"))),
    )
    files = rendered(replace(PLAIN, plan=plan))
    if files is None:
        return
    found = instructions(files["Dockerfile"])
    (environment,) = [one.rest for one in found if one.keyword == "ENV" and "FIRST=" in one.rest]
    (labels,) = [one.rest for one in found if one.keyword == "LABEL"]

    plain = rendered(PLAIN)
    assert plain is not None
    assert shape(files["Dockerfile"]) == shape(plain["Dockerfile"])
    assert names_and_values(environment) == {"FIRST": value, "LAST": "y"}
    assert f"{label}={value}" in words(labels)
    assert "fixed=x" in words(labels)


@given(folder=texts, link=texts)
@settings(deadline=None, max_examples=60)
def test_volumes_and_links(folder: str, link: str) -> None:
    volume = Volume(path=f"/data/{folder}", links=((f"/app/{link}", f"/data/{folder}/file"),))
    plan = replace(PLAIN.plan, source=replace(PLAIN.plan.source, volumes=(volume,)))
    stack = replace(PLAIN.stack, volumes=(("data", volume.path),))
    files = rendered(replace(PLAIN, plan=plan, stack=stack))
    if files is None:
        return
    found = instructions(files["Dockerfile"])
    (declared,) = [one.rest for one in found if one.keyword == "VOLUME"]
    (made,) = [one.rest for one in found if one.keyword == "RUN" and "ln -s" in one.rest]
    steps = shlex.split(made)
    place = steps.index("ln")

    assert expanded_array(declared) == [volume.path]
    assert steps[place : place + 4] == ["ln", "-s", f"{volume.path}/file", volume.links[0][0]]
    assert steps[place + 5 : place + 9] == ["chown", "-R", "65532:65532", volume.path]
    assert document(files)["x-app"]["volumes"][0]["target"].replace("$$", "$") == volume.path


@given(target=texts, path=texts)
@settings(deadline=None, max_examples=60)
def test_commands_and_health_checks(target: str, path: str) -> None:
    runtime = replace(
        PLAIN.plan.runtime,
        command=("gunicorn", target),
        health=HealthCheck(command=("python", "-c", f"ask({path!r})"), path=path),
    )
    files = rendered(replace(PLAIN, plan=replace(PLAIN.plan, runtime=runtime)))
    if files is None:
        return
    found = instructions(files["Dockerfile"])

    assert found[-1].keyword == "CMD"
    if not any("\ud800" <= one <= "\udfff" for one in target):
        assert json.loads(found[-1].rest) == ["gunicorn", target]
    check = next(one.rest for one in reversed(found) if one.keyword == "HEALTHCHECK")
    assert json.loads(check.partition(" CMD ")[2]) == list(runtime.health.command)
    ast.parse(files["deploy/gunicorn.conf.py"])


@given(name=names, value=texts, reference=texts)
@settings(deadline=None, max_examples=60)
def test_the_stack(name: str, value: str, reference: str) -> None:
    stack = replace(
        PLAIN.stack,
        name=name,
        environment=(("FIRST", value), ("LAST", "y")),
        app_secrets=(AppSecret(variable="KEY_FILE", secret="key", target=f"/etc/{value}"),),
        worker=("celery", "--app", value),
        migrate=("flask", value),
        services=tuple(replace(one, image=reference, environment=(("A", value),)) for one in PLAIN.stack.services),
    )
    files, plain = rendered(replace(PLAIN, stack=stack)), rendered(replace(PLAIN, stack=replace(stack, name="x")))
    if files is None or plain is None:
        return
    found = document(files)

    assert keys(found) == keys(document(plain))
    assert found["name"].replace("$$", "$") == name
    assert found["x-app"]["environment"]["FIRST"].replace("$$", "$") == value
    assert found["x-app"]["environment"]["LAST"] == "y"
    assert found["services"]["worker"]["command"][-1].replace("$$", "$") == value
    assert found["services"]["database"]["image"].replace("$$", "$") == reference
    assert not found["services"]["app"].keys() & {"privileged", "pid", "devices"}


@given(image=names)
@settings(deadline=None, max_examples=40)
def test_image_names(image: str) -> None:
    files = rendered(replace(PLAIN, stack=replace(PLAIN.stack, image=image), web_image=image))
    if files is None:
        return

    assert document(files)["services"]["app"]["image"] == f"${{IMAGE:-{image}}}"
    assert f"ARG NGINX={image}\n" in files["Dockerfile"]


@given(name=names, version=names, address=texts, digest=texts)
@settings(deadline=None, max_examples=60)
def test_requirements(name: str, version: str, address: str, digest: str) -> None:
    good = f"sha256:{'0' * 64}"
    for one in (
        PinnedDistribution(name=name, version=version, hashes=(good,)),
        PinnedDistribution(name="a", version="1", hashes=(digest,)),
        PinnedDistribution(name="a", version="1", hashes=(good,), address=address),
        PinnedDistribution(name="a", version="1", address=f"git+{address}"),
    ):
        files = rendered(replace(PLAIN, installation=replace(PLAIN.installation, pinned=(one,))))
        if files is None:
            continue
        path = "deploy/requirements-git.txt" if one.is_repository else "deploy/requirements.txt"
        text = files[path].replace(" \\\n    --hash", " --hash")
        (line,) = [line for line in text.splitlines() if line and not line.startswith("# ")]
        assert line.count(" --") == (0 if one.is_repository else 1)
        assert not line.startswith("-")


@given(url=texts, path=texts)
@settings(deadline=None, max_examples=40)
def test_static_folders(url: str, path: str) -> None:
    folder = PLAIN.plan.web.static[0] if PLAIN.plan.web.static else None
    from packer.project.model import StaticFolder  # noqa: PLC0415 - only here

    folder = StaticFolder(url=f"/{url}".rstrip("/"), path=path) if folder is None else replace(folder, url=url)
    web = replace(PLAIN.plan.web, static=(folder,))
    files = rendered(replace(PLAIN, plan=replace(PLAIN.plan, web=web)))
    plain = rendered(PLAIN)
    if files is None or plain is None:
        return

    assert shape(files["Dockerfile"]) == shape(plain["Dockerfile"])
    (copied,) = [one.rest for one in instructions(files["Dockerfile"]) if "mkdir -p /srv/www " in one.rest]
    assert shlex.split(copied)[1:4] == ["mkdir", "-p", "/srv/www"]
    assert "/owned" not in shlex.split(copied)


@given(rules=st.lists(texts, max_size=4).map("\n".join), folder=names)
@settings(deadline=None, max_examples=60)
def test_ignore_rules(rules: str, folder: str) -> None:
    context = replace(PLAIN, git_ignores=(("", rules), (folder, rules)), included=(folder,))
    files = rendered(context)
    for line in docker_patterns(rules):
        assert line.isascii() or "\n" not in line
        assert line.strip()
    if files is not None:
        DockerIgnore.parse(files[".dockerignore"])
        assert files[".dockerignore"].startswith("# Written by pack generate")
        assert "\n**/.git\n" in files[".dockerignore"]


@pytest.mark.parametrize("path", ["deploy/mysql.cnf"])
def test_an_option_file_has_the_sections_that_were_meant(path: str) -> None:
    files = rendered(PLAIN)
    assert files is not None
    parser = configparser.ConfigParser(allow_no_value=True)
    parser.read_string(files[path])

    assert parser.sections() == ["mysqld", "client"]
    assert parser["mysqld"]["collation-server"] == '"utf8mb4_0900_ai_ci"'
