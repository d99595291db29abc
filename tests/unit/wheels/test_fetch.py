import threading
from contextlib import contextmanager

import pytest
from msgspec.structs import replace

from packer.errors import BuildError, TrustError
from packer.oci.digest import Digest
from packer.wheels.fetch import IndexHttp, WheelFetcher
from packer.wheels.indexes import indexes
from packer.wheels.model import Wheel


class Answer:
    status = 200
    headers: dict = {}  # noqa: RUF012

    def __init__(self, content: bytes) -> None:
        self.content = content

    def stream(self, chunk_size: int = 0):
        yield self.content

    def read(self, limit: int) -> bytes:
        return self.content


class Files:
    """An `Http` over a mapping, which remembers what it was asked."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files
        self.asked: list[tuple[str, dict]] = []

    @contextmanager
    def get(self, url, *, headers=None):
        self.asked.append((url, dict(headers or {})))
        yield Answer(self.files[url])


URL = "https://files.example.test/demo-1.0-py3-none-any.whl"


def wheel(content: bytes, **more) -> Wheel:
    known = Wheel(
        name="demo",
        version="1.0",
        filename="demo-1.0-py3-none-any.whl",
        digest=Digest.of(content),
        size=len(content),
        urls=(URL,),
    )
    return replace(known, **more)


@pytest.fixture
def fetching(cache):
    made = []

    def make(http, **more) -> WheelFetcher:
        made.append(WheelFetcher(cache, http, **more))
        return made[-1]

    yield make
    for fetcher in made:
        fetcher.close()


def test_a_wheel_is_fetched_once_however_often_it_is_asked_for(fetching):
    http, told = Files({URL: b"content"}), []
    fetcher = fetching(http, fetched=told.append)
    demo = wheel(b"content")

    fetcher.start([demo, demo])
    paths = {fetcher.path(demo) for _ in range(3)}

    assert [path.read_bytes() for path in paths] == [b"content"]
    assert len(http.asked) == 1
    assert told == [demo]


def test_what_the_cache_has_is_not_fetched(fetching):
    demo = wheel(b"content")
    fetching(Files({URL: b"content"})).path(demo)

    assert fetching(None).path(demo).read_bytes() == b"content"


def test_wrong_bytes_are_refused(fetching):
    with pytest.raises(TrustError):
        fetching(Files({URL: b"evil..."})).path(wheel(b"content"))


def test_a_failure_shows_when_the_wheel_is_asked_for(fetching):
    fetcher = fetching(None)

    fetcher.start([wheel(b"content")])

    with pytest.raises(BuildError, match="may not be fetched offline"):
        fetcher.path(wheel(b"content"))


def test_a_wheel_built_here_that_is_gone_is_said_to_be(fetching):
    with pytest.raises(BuildError, match="built here and is gone"):
        fetching(Files({})).path(wheel(b"content", urls=()))


class Endless:
    """An `Http` whose answer goes on until somebody stops it."""

    status = 200
    headers: dict = {}  # noqa: RUF012

    def __init__(self) -> None:
        self.begun = threading.Event()
        self.asked = 0

    @contextmanager
    def get(self, url, *, headers=None):
        self.asked += 1
        yield self

    def stream(self, chunk_size: int = 0):
        while True:
            self.begun.set()
            yield b"x"


def test_what_is_being_fetched_ends_when_the_build_does(cache):
    http = Endless()
    fetcher = WheelFetcher(cache, http)
    fetcher.start([wheel(b"content", size=None)])
    assert http.begun.wait(10)

    fetcher.close()

    with pytest.raises(BuildError, match="no longer wanted"):
        fetcher.path(wheel(b"content"))
    assert http.asked == 1
    assert not any((cache.root / "tmp").iterdir())


def test_credentials_are_shown_to_the_index_they_are_for():
    http = Files({"https://corp.example.test/a": b"", URL: b""})
    known = indexes({"PIP_CONFIG_FILE": "/dev/null", "UV_INDEX": "https://me:pw@corp.example.test/simple"})
    private = IndexHttp(http, known)

    for url in ("https://corp.example.test/a", URL):
        with private.get(url, headers={"Accept": "x"}):
            pass

    assert [sorted(headers) for _, headers in http.asked] == [["Accept", "Authorization"], ["Accept"]]
