import pytest

from packer.errors import ArchiveError
from packer.store.file_tree import File, FileTree, Folder, Found, Link

FILE = File(1, executable=False)


def tree(**nodes: File | Link | Folder) -> FileTree:
    made = FileTree()
    for path, node in nodes.items():
        made.place(path, node)
    return made


@pytest.mark.parametrize("path", ["/lib/x", "lib/x", "usr/bin/../lib/x", "/../../lib/./x", "/abs/x", "deep/er/x"])
def test_links_lead_to_where_they_lead_in_the_image(path):
    made = FileTree()
    made.place("usr/bin", Folder())
    made.place("usr/lib/x", FILE)
    made.place("lib", Link("usr/lib"))
    made.place("abs", Link("/lib"))
    made.place("deep/er", Link("../../../usr/lib"))

    assert made.find(path) == Found("/usr/lib/x", FILE)


def test_what_is_put_below_a_link_lies_where_the_link_leads():
    made = tree(lib=Link("usr/lib"))
    made.place("lib/x", FILE)

    assert made.names("usr/lib") == ["x"]


def test_links_in_a_circle_lead_nowhere():
    made = tree(a=Link("b"), b=Link("a/x"))

    assert made.find("a") is None
    with pytest.raises(ArchiveError, match="circles"):
        made.place("a/file", FILE)


def test_a_link_is_taken_away_itself_not_what_it_leads_to():
    made = tree(target=FILE, link=Link("target"))
    made.remove("link")

    assert made.names("/") == ["target"]


def test_a_file_replaces_a_folder_and_a_folder_stays():
    made = FileTree()
    made.place("a/x", FILE)
    made.place("a", Folder())
    assert made.names("a") == ["x"]

    made.place("a", FILE)
    assert made.file("a") is FILE
    assert made.find("a/x") is None


def test_files_below_a_folder_include_linked_files_but_no_linked_folder():
    made = FileTree()
    made.place("f/a", FILE)
    made.place("f/sub/b", FILE)
    made.place("f/link", Link("/other"))
    made.place("f/up", Link(".."))
    made.place("other", FILE)

    assert sorted(path for path, _ in made.files("f")) == ["a", "link", "sub/b"]
