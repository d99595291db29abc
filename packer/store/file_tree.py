"""The file system that layers make together, in memory: where paths lead inside of the image, and nowhere else."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct, field

from packer.errors import ArchiveError
from packer.oci.entry import Content

__all__ = ["File", "FileTree", "Folder", "Found", "Link"]

_MOST_LINKS = 40
"""As many as Linux follows (path_resolution(7))."""
_MOST_NODES = 2_000_000


class File(Struct, frozen=True):
    """A regular file; `content` is None where nobody will ask for it."""

    size: int
    executable: bool
    content: Content | None = None


class Link(Struct, frozen=True):
    """A symbolic link."""

    target: str


class Folder(Struct):
    """A folder."""

    children: dict[str, File | Link | Folder] = field(default_factory=dict)


class Found(Struct, frozen=True):
    """What a path leads to, and the absolute path where it really is."""

    path: str
    node: File | Folder


class FileTree:
    """A tree that starts empty. Paths are relative to its root or absolute; `..` and links never leave it."""

    def __init__(self) -> None:
        self._root = Folder()
        self._nodes = 0

    def place(self, path: str, node: File | Link | Folder) -> None:
        """Put something at a path, whose folders are made and whose links are followed, as unpacking would.

        A folder that is there stays; everything else is replaced. Raises `ArchiveError` for links that go round in
        circles, and for too many nodes.
        """
        folder, name = self._parent(path)
        if not name or (isinstance(node, Folder) and isinstance(folder.children.get(name), Folder)):
            return
        self._count()
        folder.children[name] = node

    def remove(self, path: str) -> None:
        """Take away what is at a path, a link itself included, with everything below."""
        place, _, name = path.rpartition("/")
        found = self.find(place)
        if found is not None and isinstance(found.node, Folder):
            found.node.children.pop(name, None)

    def empty(self, path: str) -> None:
        """Take away everything below a path."""
        found = self.find(path)
        if found is not None and isinstance(found.node, Folder):
            found.node.children.clear()

    def find(self, path: str) -> Found | None:
        """What a path leads to, links followed; None when it leads nowhere, or in circles."""
        trail = self._walk(path, make=False)
        if trail is None:
            return None
        names, nodes = trail
        return Found("/" + "/".join(names), nodes[-1])

    def file(self, path: str) -> File | None:
        """The regular file that a path leads to."""
        found = self.find(path)
        return found.node if found is not None and isinstance(found.node, File) else None

    def names(self, folder: str) -> list[str]:
        """What lies directly in a folder, sorted; nothing where there is none."""
        found = self.find(folder)
        return sorted(found.node.children) if found is not None and isinstance(found.node, Folder) else []

    def files(self, folder: str) -> Iterator[tuple[str, File]]:
        """Every file below a folder by its path from there; also those that links lead to, but no linked folder."""
        start = self.find(folder)
        if start is None or not isinstance(start.node, Folder):
            return
        pending = [("", start.node)]
        while pending:
            prefix, inner = pending.pop()
            for name in sorted(inner.children):
                node = inner.children[name]
                if isinstance(node, Folder):
                    pending.append((f"{prefix}{name}/", node))
                    continue
                file = self.file(f"{start.path}/{prefix}{name}") if isinstance(node, Link) else node
                if file is not None:
                    yield prefix + name, file

    def _parent(self, path: str) -> tuple[Folder, str]:
        place, _, name = path.rpartition("/")
        trail = self._walk(place, make=True)
        folder = trail[1][-1] if trail else None
        if isinstance(folder, Folder):
            return folder, name
        raise ArchiveError(f"the links on the way to {path!r:.200} go round in circles")

    def _walk(self, path: str, *, make: bool) -> tuple[list[str], list[Folder | File]] | None:
        """The real names on the way, and the nodes (one more: the root). `make` turns what is in the way to folders."""
        names: list[str] = []
        nodes: list[Folder | File] = [self._root]
        pending = path.split("/")[::-1]
        links = 0
        while pending:
            name = pending.pop()
            folder = nodes[-1]
            if name in ("", "."):
                continue
            if not isinstance(folder, Folder):
                return None
            if name == "..":
                del names[-1:], nodes[max(1, len(nodes) - 1) :]
                continue
            node = folder.children.get(name)
            if isinstance(node, Link):
                links += 1
                if links > _MOST_LINKS:
                    return None
                if node.target.startswith("/"):
                    del names[:], nodes[1:]
                pending.extend(node.target.split("/")[::-1])
                continue
            if make and not isinstance(node, Folder):
                self._count()
                node = folder.children[name] = Folder()
            if node is None:
                return None
            names.append(name)
            nodes.append(node)
        return names, nodes

    def _count(self) -> None:
        self._nodes += 1
        if self._nodes > _MOST_NODES:
            raise ArchiveError(f"the image has more than {_MOST_NODES} files and folders")
