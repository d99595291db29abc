"""The projects that are built: copies of the sample application, and one with a very large wheel."""

from __future__ import annotations

import base64
import hashlib
import secrets
import shutil
import subprocess
import zipfile
from pathlib import Path

__all__ = ["ADDED", "add_distribution", "change_one_line", "copy_sample", "large_wheel_project"]

SAMPLE = Path(__file__).resolve().parent.parent / "sample_flask_app"
ADDED = ("humanize", "tabulate", "python-slugify", "emoji", "inflect", "boltons", "toolz")
"""Small pure distributions that the sample does not have, one for each run."""

DOCKERFILE = """\
FROM bench/uv AS builder
WORKDIR /app
ENV UV_COMPILE_BYTECODE=1 UV_LINK_MODE=copy UV_PYTHON_DOWNLOADS=never
RUN uv venv --python /usr/bin/python3 /app/.venv
ENV VIRTUAL_ENV=/app/.venv
RUN --mount=type=cache,target=/root/.cache/uv \\
    --mount=type=bind,source=requirements.txt,target=requirements.txt \\
    --mount=type=secret,id=authorities,target=/etc/ssl/certs/ca-certificates.crt \\
    SSL_CERT_FILE=/etc/ssl/certs/ca-certificates.crt uv pip install --require-hashes -r requirements.txt

FROM bench/python
WORKDIR /app
ENV PATH=/app/.venv/bin:$PATH PYTHONUNBUFFERED=1 HOME=/tmp
COPY --from=builder /app/.venv /app/.venv
COPY . .
USER 65532:65532
EXPOSE 8000
ENTRYPOINT ["python", "-m", "gunicorn", "--bind=0.0.0.0:8000", "wsgi:app"]
"""
DOCKERIGNORE = ".git\n.venv\ntests\n**/__pycache__\nDockerfile\n.dockerignore\n*.lock*\npylock*.toml\n"

_LARGE_APP = (
    'from flask import Flask\n\napp = Flask(__name__)\n\n\n@app.get("/healthz")\ndef healthz():\n    return "ok"\n'
)


def copy_sample(target: Path) -> Path:
    """A copy of the sample application with an expert's Dockerfile beside it (which pack does not read)."""
    shutil.copytree(SAMPLE, target, ignore=shutil.ignore_patterns("__pycache__", ".pytest_cache", "*.lock", "instance"))
    (target / "Dockerfile").write_text(DOCKERFILE)
    (target / ".dockerignore").write_text(DOCKERIGNORE)
    return target


def change_one_line(project: Path, turn: int) -> None:
    """Append a line that no earlier turn had to the application's own package."""
    with (project / "guestbook" / "__init__.py").open("a") as source:
        source.write(f"# line {turn}\n")


def add_distribution(project: Path, name: str, *, uv: Path) -> None:
    """Add a distribution to the project's requirements and lock it: what a developer does before building."""
    with (project / "requirements.in").open("a") as wishes:
        wishes.write(f"{name}\n")
    subprocess.run(
        [uv, "pip", "compile", "--quiet", "--generate-hashes", "--universal", "--python-version", "3.11",
         "--no-emit-index-url", "--no-annotate", "--no-header", "requirements.in", "-o", "requirements.txt"],
        cwd=project,
        check=True,
    )  # fmt: skip


def large_wheel_project(folder: Path, *, megabytes: int) -> tuple[Path, Path]:
    """A project whose requirements name a wheel of that size. Returns the project and the folder of the wheel."""
    wheels = folder / "wheels"
    wheels.mkdir(parents=True)
    _write_large_wheel(wheels / "large_model-1.0-py3-none-any.whl", megabytes)
    project = folder / "large"
    project.mkdir()
    (project / "app.py").write_text(_LARGE_APP)
    (project / "requirements.txt").write_text("flask\ngunicorn\nlarge-model\n")
    return project, wheels


def _write_large_wheel(path: Path, megabytes: int) -> None:
    """Bytes that do not compress, made and written a megabyte at a time."""
    block = secrets.token_bytes(1 << 20)
    whole = hashlib.sha256()
    metadata = {
        "large_model/__init__.py": "",
        "large_model-1.0.dist-info/METADATA": "Metadata-Version: 2.1\nName: large-model\nVersion: 1.0\n",
        "large_model-1.0.dist-info/WHEEL": "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n",
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_STORED) as wheel:
        with wheel.open("large_model/weights.bin", "w", force_zip64=True) as weights:
            for _ in range(megabytes):
                weights.write(block)
                whole.update(block)
        for name, text in metadata.items():
            wheel.writestr(name, text)
        rows = [f"{name},{_hash(hashlib.sha256(text.encode()))},{len(text)}" for name, text in metadata.items()]
        rows.append(f"large_model/weights.bin,{_hash(whole)},{megabytes << 20}")
        rows.append("large_model-1.0.dist-info/RECORD,,")
        wheel.writestr("large_model-1.0.dist-info/RECORD", "\n".join(rows) + "\n")


def _hash(digest: hashlib._Hash) -> str:
    return f"sha256={base64.urlsafe_b64encode(digest.digest()).rstrip(b'=').decode()}"
