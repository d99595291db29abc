"""The web server's configuration, tried by the very nginx that will read it, as far as that runs on this machine."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

from packer.build.workshop import Workshop
from packer.debian.build_root import open_build_root
from packer.debian.build_root_sandbox import Mount, run_inside
from packer.debian.interpreter import host_architecture
from packer.debian.lock import BaseLock
from packer.errors import BuildError
from packer.oci.digest import Digest
from packer.project.model import Caution
from packer.render.rendered import RenderedFile

__all__ = ["try_nginx"]

_RECORD = "nginx"
_FOLDER = "/etc/nginx"
_TRY = ("/usr/sbin/nginx", "-e", "stderr", "-t")
_SECONDS = 60


def try_nginx(base: BaseLock, rendered: Sequence[RenderedFile], workshop: Workshop) -> tuple[Caution, ...]:
    """Let the nginx of `base` read the rendered files once, and remember that it took them.

    It runs unprivileged, without a network, in a root of its own. Where this machine does not allow that, or the base
    is for another one, nothing is tried; the caution says so.

    Raises:
        BuildError: nginx refuses the configuration.
    """
    key = Digest.of("\0".join((base.key, *(f"{file.path} {file.key}" for file in rendered))).encode()).hex
    if workshop.cache.record(_RECORD, key) is not None or base.architecture != host_architecture():
        return ()
    root = open_build_root(base, http=workshop.http, cache=workshop.cache, mirrors=workshop.mirrors)
    with tempfile.TemporaryDirectory(prefix="pack-nginx-") as name:
        folder = Path(name)
        configuration, scratch = folder / "nginx", folder / "tmp"
        shutil.copytree(root.path / _FOLDER.lstrip("/"), configuration, symlinks=True)
        for file in rendered:
            if file.path.startswith(f"{_FOLDER}/"):
                place = configuration / file.path.removeprefix(f"{_FOLDER}/")
                place.parent.mkdir(exist_ok=True)
                place.write_text(file.text, encoding="utf-8")
        scratch.mkdir()
        mounts = (Mount(source=configuration, target=_FOLDER), Mount(source=scratch, target="/tmp", writable=True))  # noqa: S108
        try:
            tried = run_inside(root.path, _TRY, mounts=mounts, environment={}, cwd="/", timeout=_SECONDS)
        except BuildError as refused:
            return (Caution(what=f"nginx has not tried its configuration: {refused.what}", hint=refused.hint),)
    if tried.status:
        raise BuildError(
            f"nginx refuses its configuration: {tried.stderr.strip()}",
            where="the web image",
            hint="look at the settings under [tool.pack.web]; the app is not concerned: build it without --web",
        )
    workshop.cache.put_record(_RECORD, key, b"")
    return ()
