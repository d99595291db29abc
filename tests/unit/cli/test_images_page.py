from __future__ import annotations

import pytest

from packer.cli.images_page import images_page
from packer.cli.words import age_in_words, size_in_words
from packer.oci.descriptor import MEDIA_TYPE_MANIFEST, Descriptor
from packer.oci.digest import Digest
from packer.oci.platform import LINUX_AMD64
from packer.oci.reference import Reference
from packer.store.images import StoredImage
from packer.workflows.images import ImageList, ListedImage


def listed(name: str, *, own: bool, shared: int | None = 0, containers: int | None = None) -> ListedImage:
    entry = StoredImage(
        reference=Reference.parse(name).tagged,
        descriptor=Descriptor(media_type=MEDIA_TYPE_MANIFEST, digest=Digest.of(b""), size=1),
        platforms=(LINUX_AMD64,),
        size=41_922_120,
        created=0,
        stored=1000,
    )
    return ListedImage(entry=entry, own=own, shared=shared, containers=containers)


def page(*images: ListedImage) -> list[str]:
    return list(images_page(ImageList(images), now=1000 + 2 * 3600))


def test_the_table_marks_the_projects_own_images():
    assert page(
        listed("shop:1", own=True, containers=1), listed("team/blog", own=False, shared=10_500_000, containers=0)
    ) == [
        "  IMAGE              DIGEST            SIZE    SHARED   AGE           IN USE",
        "* shop:1             e3b0c44298fc   41.9 MB       0 B   2 hours ago   1 container",
        "  team/blog:latest   e3b0c44298fc   41.9 MB   10.5 MB   2 hours ago   no",
        "* of this project",
    ]


def test_outside_a_project_nothing_is_marked_and_what_is_not_known_is_a_dash():
    assert page(listed("shop:1", own=False, shared=None)) == [
        "IMAGE    DIGEST            SIZE   SHARED   AGE           IN USE",
        "shop:1   e3b0c44298fc   41.9 MB        -   2 hours ago   -",
    ]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (-5, "just now"),
        (0, "just now"),
        (60, "1 minute ago"),
        (3599, "59 minutes ago"),
        (86_400 * 6, "6 days ago"),
        (86_400 * 7, "1 week ago"),
        (86_400 * 40, "1 month ago"),
        (86_400 * 800, "2 years ago"),
    ],
)
def test_ages_are_words(seconds, words):
    assert age_in_words(seconds) == words


@pytest.mark.parametrize(("size", "words"), [(0, "0 B"), (1000, "1.0 kB"), (2_500_000_000, "2.5 GB")])
def test_sizes_are_decimal(size, words):
    assert size_in_words(size) == words
