"""The project's folder: what only its user can give, its secrets, and the files that pack wrote into it."""

from __future__ import annotations

import stat
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path

from packer.errors import PackError
from packer.plan.finding import Finding
from packer.plan.model import Plan
from packer.plan.stack_model import StackPlan
from packer.plan.supplements import present_names
from packer.project.model import Project
from packer.regex import regex
from packer.render.bundle import render_surroundings
from packer.render.places import COMPOSE
from packer.system.files import read_regular
from packer.system.generated import generated_paths
from packer.system.git_ignored import GitIgnored
from packer.system.git_index import tracked_files, work_tree_of
from packer.workflows.owned_files import compare
from packer.workflows.secrets import SECRETS
from packer.workflows.stack_files import FOREIGN

__all__ = [
    "files_are_current",
    "given_variables",
    "passwords_work",
    "secrets_are_kept",
    "stack_can_be_told",
    "variables_are_given",
]

_ENVIRONMENT = ".env"
_LARGEST = 1 << 20
_VARIABLE = regex(r"(?m)^[ \t]*(?:export[ \t]+)?([A-Za-z_]\w*)[ \t]*=[ \t]*(\S.*)$")
_BY_PASSWORD = frozenset({"aiomysql", "asyncmy", "flask-mysql", "pymysql"})


def given_variables(root: Path, environment: Mapping[str, str]) -> frozenset[str]:
    """The variables that Compose finds: in the environment and in `.env`. Empty ones count for nothing."""
    content = read_regular(root / _ENVIRONMENT, limit=_LARGEST) or b""
    return frozenset(
        {name for name, value in environment.items() if value}
        | {name for name, _ in _VARIABLE.findall(content.decode("utf-8", "replace"))}
    )


def variables_are_given(stack: StackPlan, given: Collection[str]) -> Finding | None:
    """What the app cannot do without, and nobody else can say, is said."""
    if not stack.wanted:
        return None
    missing = [name for name in stack.wanted if name not in given]
    if not missing:
        what = f"{', '.join(stack.wanted)} {'is' if len(stack.wanted) == 1 else 'are'} given"
        return Finding(area="project", subject="variables", state="ok", what=what)
    lines = " and ".join(f"{name}=…" for name in missing)
    return Finding(
        area="project",
        subject="variables",
        state="broken",
        what=f"the app cannot do without {', '.join(missing)}, which nothing gives a value",
        fix=f"write {lines} to {_ENVIRONMENT}",
    )


def secrets_are_kept(root: Path, stack: StackPlan) -> Iterator[Finding]:
    """Secrets are where only their owner finds them, out of version control, and not empty."""
    folder = root / SECRETS
    if not folder.is_dir():
        if stack.secrets:
            what = f"pack up makes {len(stack.secrets)} of them in {SECRETS}/"
            yield Finding(area="project", subject="secrets", state="ok", what=what)
        return
    mode = stat.S_IMODE(folder.stat().st_mode)
    tracked, ignored = _tracked(root), _is_ignored(root)
    if mode & 0o077:
        what = f"{SECRETS}/ can be entered by others (mode {mode:04o})"
        yield Finding(area="project", subject="secrets", state="warning", what=what, fix=f"chmod 700 {SECRETS}")
    if tracked:
        what = f"{', '.join(tracked)} {'is' if len(tracked) == 1 else 'are'} in version control"
        fix = f"git rm --cached -r {SECRETS}, and make new secrets: whoever has a clone knows these"
        yield Finding(area="project", subject="secrets", state="broken", what=what, fix=fix)
    elif not ignored:
        what = f"git does not ignore {SECRETS}/"
        yield Finding(
            area="project", subject="secrets", state="warning", what=what, fix=f"echo '*' > {SECRETS}/.gitignore"
        )
    elif not mode & 0o077:
        what = f"{SECRETS}/ is for its owner alone, and git ignores it"
        yield Finding(area="project", subject="secrets", state="ok", what=what)
    for secret in stack.secrets:
        if secret.kind == "given" and not (read_regular(folder / secret.name, limit=_LARGEST) or b"").strip():
            what = f"{SECRETS}/{secret.name} is empty, and the app needs it"
            fix = f"write the secret to {SECRETS}/{secret.name}"
            yield Finding(area="project", subject="secrets", state="warning", what=what, fix=fix)


def stack_can_be_told(root: Path, stack: StackPlan) -> Iterator[Finding]:
    """Everything that the app talks to is in the stack, and the stack is pack's."""
    for caution in stack.cautions:
        yield Finding(area="project", subject="services", state="warning", what=caution.what, fix=caution.hint)
    foreign = next((name for name in FOREIGN if (root / name).is_file()), None)
    if foreign and COMPOSE not in generated_paths(root):
        what = f"{foreign} is not pack's, so pack up does not use it"
        fix = "pack generate compose --force writes pack's own, and keeps yours beside it"
        yield Finding(area="project", subject="compose file", state="note", what=what, fix=fix)


def passwords_work(project: Project, plan: Plan) -> Finding | None:
    """A pure MySQL driver has the cryptography that MySQL's default authentication takes."""
    names = present_names(project.dependencies)
    added = {text.partition("[")[0].partition(">")[0].partition("=")[0].strip() for text in plan.dependencies.added}
    drivers = sorted(_BY_PASSWORD & (names | added))
    if not drivers or not any(one.kind == "mysql" for one in project.services):
        return None
    if "cryptography" in names | added or any("pymysql[rsa]" in one.text for one in project.dependencies.direct):
        what = f"{drivers[0]} has the cryptography that MySQL's authentication takes"
        return Finding(area="project", subject="driver", state="ok", what=what)
    return Finding(
        area="project",
        subject="driver",
        state="warning",
        what=f"{drivers[0]} has no cryptography: MySQL refuses the app each time its cache of logins is cold",
        fix="add pymysql[rsa] to the requirements",
    )


def files_are_current(root: Path, plan: Plan, stack: StackPlan, *, search_path: str) -> Finding | None:
    """What pack wrote is what it would write. The Dockerfile, for which distributions are chosen, is not looked at."""
    own = generated_paths(root)
    files = [file for file in render_surroundings(plan, stack) if file.path in own]
    if not files:
        return None
    try:
        results = compare(root, files, complete=False, force=False, search_path=search_path)
    except PackError as error:
        return Finding(area="project", subject="generated files", state="warning", what=error.what, fix=error.hint)
    colliding = [one.path for one in results if one.action == "collision"]
    old = [one.path for one in results if one.action in ("updated", "merged", "removed", "created")]
    if colliding:
        what = f"you and pack changed the same lines of {', '.join(colliding)}"
        return Finding(
            area="project", subject="generated files", state="warning", what=what, fix="pack generate --diff shows them"
        )
    if old:
        what = f"not as pack would write {'it' if len(old) == 1 else 'them'} today: {', '.join(old)}"
        return Finding(area="project", subject="generated files", state="warning", what=what, fix="pack generate")
    changed = sum(one.action == "kept" for one in results)
    what = f"{len(results)} of them are current" + (f", {changed} with changes of yours" if changed else "")
    return Finding(area="project", subject="generated files", state="ok", what=what)


def _tracked(root: Path) -> list[str]:
    """The secrets that git tracks."""
    whole = root.resolve()
    work_tree = work_tree_of(whole)
    found = tracked_files(work_tree, whole) if work_tree else None
    names = found.files if found else frozenset()
    return sorted(name for name in names if name.startswith(f"{SECRETS}/") and not name.endswith("/.gitignore"))


def _is_ignored(root: Path) -> bool:
    """Whether git ignores a new file in the folder; where there is no git, nothing is in its way."""
    whole = root.resolve()
    if work_tree_of(whole) is None:
        return True
    ignored = GitIgnored(whole)
    top = ignored.entered("", ignored.scope, has_rules=(whole / ".gitignore").is_file())
    inside = ignored.folder(SECRETS, SECRETS, top)
    if inside is None:
        return True
    within = ignored.entered(f"{SECRETS}/", inside, has_rules=(whole / SECRETS / ".gitignore").is_file())
    return ignored.ignores_file(f"{SECRETS}/password", "password", within)
