from collections.abc import Callable

import pytest
from msgspec import Struct

from packer.project.inspect import inspect
from packer.project.notebook import Notebook
from packer.project.tree import MemoryTree, SourceTree
from tests.unit.project.test_sample_projects import PROJECTS, SAMPLES, load

FILES = {"a.txt": "one", "b.py": "two = 2", "c.txt": "three"}


class Text(Struct, frozen=True):
    text: str


class MemoryNotes:
    def __init__(self) -> None:
        self.kept: dict[str, bytes] = {}

    def note(self, key: str) -> bytes | None:
        return self.kept.get(key)

    def put_note(self, key: str, content: bytes) -> None:
        self.kept[key] = content


class Reader:
    """Reads a.txt, looks for gone.txt, and parses b.py; counts how often."""

    def __init__(self, limit: int = 100) -> None:
        self.times = 0
        self._limit = limit

    def __call__(self, tree: SourceTree) -> Text:
        self.times += 1
        return Text(f"{tree.read('a.txt', self._limit)} {tree.read('gone.txt')} {tree.module('b.py') is not None}")


def read(files: dict[str, str], notes: MemoryNotes, reader: Reader, *, name: str = "p", arguments=("x",)) -> Text:
    return Notebook(MemoryTree(files, name=name), notes).read("text", arguments, Text, reader)


def test_the_same_files_are_read_once():
    notes, reader = MemoryNotes(), Reader()

    assert read(FILES, notes, reader) == read(dict(FILES), notes, reader) == Text("one None True")
    assert reader.times == 1


def test_a_file_that_was_not_looked_at_changes_nothing():
    notes, reader = MemoryNotes(), Reader()
    read(FILES, notes, reader)
    read({**FILES, "c.txt": "four"}, notes, reader)

    assert reader.times == 1


@pytest.mark.parametrize(
    "change",
    [
        lambda files: {**files, "a.txt": "other"},
        lambda files: {**files, "b.py": "two ="},
        lambda files: {**files, "gone.txt": ""},
        lambda files: {**files, "d.txt": ""},
        lambda files: {name: text for name, text in files.items() if name != "c.txt"},
        lambda files: {**files, "a.txt": "x" * 101},
    ],
)
def test_whatever_could_be_seen_is_read_anew(change: Callable[[dict[str, str]], dict[str, str]]):
    notes, reader = MemoryNotes(), Reader()
    read(FILES, notes, reader)
    changed = change(FILES)

    assert read(changed, notes, reader) == Reader()(MemoryTree(changed))
    assert reader.times == 2


def test_another_name_or_argument_is_another_note():
    notes, reader = MemoryNotes(), Reader()
    read(FILES, notes, reader)
    read(FILES, notes, reader, name="q")
    read(FILES, notes, reader, arguments=("y",))

    assert reader.times == 3


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b'[[],{"text":1}]', b'[[["a.txt",100,"0"]],{"text":"wrong"}]'])
def test_a_note_that_cannot_be_believed_is_written_anew(content: bytes):
    notes, reader = MemoryNotes(), Reader()
    read(FILES, notes, reader)
    notes.kept = dict.fromkeys(notes.kept, content)

    assert read(FILES, notes, reader) == Text("one None True")
    assert read(FILES, notes, reader) == Text("one None True")
    assert reader.times == 2


def test_what_fails_is_not_noted():
    def fail(tree: SourceTree) -> Text:
        raise LookupError(tree.read("a.txt"))

    notes = MemoryNotes()
    with pytest.raises(LookupError):
        Notebook(MemoryTree(FILES), notes).read("text", (), Text, fail)
    assert not notes.kept


@pytest.mark.parametrize("name", SAMPLES)
def test_a_project_is_the_same_by_its_notes(name: str):
    notes = MemoryNotes()
    tree = load(PROJECTS / name / "project")
    expected = inspect(tree)

    assert inspect(tree, notes=notes) == expected
    written = dict(notes.kept)
    assert written
    assert inspect(load(PROJECTS / name / "project"), notes=notes) == expected
    assert notes.kept == written
