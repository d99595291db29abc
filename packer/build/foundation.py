"""What an image stands on, whatever kind of base the plan names."""

from __future__ import annotations

from collections.abc import Callable

from msgspec import Struct

from packer.oci.image import BaseImage
from packer.oci.layer import LayerRecipe
from packer.project.model import Caution
from packer.system.bytecode import Interpreter

__all__ = ["Foundation"]


class Foundation(Struct, frozen=True, kw_only=True):
    """A base, as far as the rest of the build depends on it.

    Attributes:
        name: for the label `base.name`: `debian:trixie`, a reference, or a path.
        image: the base image, None when the base is made of `recipes`.
        recipes: layers to make, lowest first.
        python: the interpreter in the image, absolute: `/usr/bin/python3.13`.
        python_version: X.Y.Z.
        glibc: version of the C library.
        environment: variables that the base wants set.
        interpreter: the base's own Python to run on this machine; None where it does not run.
        sonames: shared libraries that programs in the base find; None where that is not known.
        cautions: what may surprise.
    """

    name: str
    image: BaseImage | None = None
    recipes: tuple[LayerRecipe, ...] = ()
    python: str
    python_version: str
    glibc: tuple[int, int]
    environment: tuple[tuple[str, str], ...] = ()
    interpreter: Callable[[], Interpreter | None]
    sonames: frozenset[str] | None = None
    cautions: tuple[Caution, ...] = ()
