"""Options that several commands share, so that they look the same everywhere."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Annotated

import typer

__all__ = [
    "AppOption",
    "BaseOption",
    "FrozenOption",
    "ImageArgument",
    "InsecureOption",
    "JsonOption",
    "OfflineOption",
    "OnePlatformOption",
    "PathArgument",
    "PythonOption",
    "QuietOption",
    "SharedUse",
]


class SharedUse(Enum):
    """What a build does with the cache that a team shares."""

    USE = "use"
    OFF = "off"
    VERIFY = "verify"


PathArgument = Annotated[
    Path, typer.Argument(help="The project's folder.", show_default="this folder", exists=True, file_okay=False)
]
AppOption = Annotated[
    str | None, typer.Option("--app", metavar="MODULE:ATTRIBUTE", help="The WSGI or ASGI application to serve.")
]
PythonOption = Annotated[str | None, typer.Option("--python", metavar="X.Y", help="The Python version of the image.")]
BaseOption = Annotated[
    str | None,
    typer.Option("--base", metavar="BASE", help="debian, a registry reference, oci:DIR or archive:FILE."),
]
FrozenOption = Annotated[
    bool, typer.Option("--frozen", help="Follow the locks exactly; fail where one is missing or would change.")
]
OfflineOption = Annotated[bool, typer.Option("--offline", help="Touch no network: use locks and caches only.")]
JsonOption = Annotated[bool, typer.Option("--json", help="Write the result as JSON.")]
InsecureOption = Annotated[
    list[str] | None,
    typer.Option(
        "--insecure",
        metavar="REGISTRY",
        help="A registry that may speak without TLS or with a certificate that does not hold; may be repeated.",
    ),
]
QuietOption = Annotated[bool, typer.Option("--quiet", "-q", help="Show errors and cautions only.")]
ImageArgument = Annotated[
    str | None,
    typer.Argument(
        metavar="[IMAGE]",
        help="A stored image, oci:DIR, archive:FILE, or the path of either.",
        show_default="the project's",
    ),
]
OnePlatformOption = Annotated[
    str | None,
    typer.Option("--platform", metavar="OS/ARCH", help="Which one, where the image is for several."),
]
