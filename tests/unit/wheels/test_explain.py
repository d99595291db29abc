import pytest

from packer.errors import BuildError, LockError, TransientError
from packer.system.process import Finished
from packer.wheels.explain import explain, wants_older_setuptools


def failed(stderr: str) -> Finished:
    return Finished(status=1, stdout=b"", stderr=stderr)


def explained(stderr: str, *, locked: bool = False):
    return explain(failed(stderr), doing="resolve the dependencies", where="pyproject.toml", locked=locked)


NOT_FOUND = (
    "error: No solution found when resolving dependencies\n"
    "  cause: Because flaskk was not found in the package registry and you require flaskk, "
    "we can conclude that your requirements are unsatisfiable.\n"
)
BROKEN_BUILD = """Using Python 3.11
error: Failed to build `thing==1.0`
  cause: The build backend returned an error
  cause: Call to `setuptools.build_meta:__legacy__.get_requires_for_build_wheel` failed (exit status: 1)

         [stderr]
         Traceback (most recent call last):
           File "<string>", line 14, in <module>
         ModuleNotFoundError: No module named 'pkg_resources'

hint: Build failures usually indicate a problem with the package or the build environment
"""


def test_a_name_that_no_index_has():
    error = explained(NOT_FOUND)

    assert isinstance(error, BuildError)
    assert error.what == (
        "cannot resolve the dependencies: Because flaskk was not found in the package registry and you require "
        "flaskk, no version fits"
    )
    assert error.hint == "check the spelling of flaskk, or name the index that has it"


def test_a_lock_is_to_blame_when_one_is_followed():
    error = explained(NOT_FOUND, locked=True)

    assert isinstance(error, LockError)
    assert error.hint == "lock again with the project's own tool"


def test_a_source_that_does_not_build_is_named_with_the_last_exception_only():
    error = explained(BROKEN_BUILD)

    assert error.what == (
        "cannot resolve the dependencies: the source of thing==1.0 does not build: "
        "ModuleNotFoundError: No module named 'pkg_resources'"
    )
    assert "choose a version of thing" in (error.hint or "")


@pytest.mark.parametrize(
    "stderr",
    [
        "error: Failed to fetch: `https://index.example.test/simple/x/`\n  cause: dns error\n",
        "error: Request failed after 3 retries\n  cause: error sending request\n  cause: operation timed out\n",
        "error: Failed to download and build `x @ git+https://h.test/x`\n  cause: Could not resolve host: h.test\n",
    ],
)
def test_the_network_is_worth_another_try(stderr):
    assert isinstance(explained(stderr), TransientError)


def test_offline_the_way_out_is_named():
    error = explained(
        "error: No solution found\n  cause: Because x was not found in the cache\n\n"
        "hint: Packages were unavailable because the network was disabled.\n"
    )

    assert "without --offline" in (error.hint or "")


def test_a_long_story_is_shortened_in_the_middle():
    error = explained("error: start " + "x" * 5000 + " end\n")

    assert len(error.what) < 1000
    assert "start" in error.what
    assert error.what.endswith("end")


def test_silence_is_told_as_such():
    assert "ended with status 1" in explained("").what


def test_what_an_older_setuptools_may_cure():
    assert wants_older_setuptools(failed(BROKEN_BUILD))
    assert not wants_older_setuptools(failed("error: Failed to build `x==1`\n  fatal error: mysql.h: No such file\n"))
    assert not wants_older_setuptools(failed(NOT_FOUND))


def test_a_server_s_error_may_pass_and_a_number_in_a_path_is_none() -> None:
    busy = "error: HTTP status server error (503 Service Unavailable) for url (https://index.example.com/flask/)"
    broken = "error: failed to read from file `/builds/502/uv.lock`: stream did not contain valid UTF-8"

    assert isinstance(explained(busy), TransientError)
    assert not isinstance(explained(broken), TransientError)
