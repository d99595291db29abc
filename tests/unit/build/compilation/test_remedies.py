import pytest

from packer.build.compilation.remedies import Means, hopeless, remedied


@pytest.mark.parametrize(
    ("output", "package"),
    [
        ("src/x.c:3:10: fatal error: ffi.h: No such file or directory", "libffi-dev"),
        ("a.c:1:10: fatal error: openssl/ssl.h: No such file or directory\ncompilation terminated.", "libssl-dev"),
        ("/usr/bin/ld: cannot find -lpq: No such file or directory", "libpq-dev"),
        ("Error: pg_config executable not found.", "libpq-dev"),
        ("OSError: mysql_config not found", "libmariadb-dev"),
        ("/bin/sh: 1: mysql_config: not found", "libmariadb-dev"),
        ("Could not run curl-config: [Errno 2] No such file or directory: 'curl-config'", "libcurl4-openssl-dev"),
        ("error: command 'swig' failed: No such file or directory", "swig"),
    ],
)
def test_a_missing_header_library_or_program_leads_to_its_package(output, package):
    more = remedied(Means(packages=("make",)), output)
    assert more == Means(packages=tuple(sorted((package, "make"))))
    assert remedied(more, output) is None


def test_a_module_that_a_setup_script_imports_is_brought():
    assert remedied(Means(), "ModuleNotFoundError: No module named 'numpy'") == Means(requirements=("numpy",))


@pytest.mark.parametrize(
    ("output", "limit"),
    [
        ("ModuleNotFoundError: No module named 'pkg_resources'", "setuptools<72"),
        ("error in demo setup command: use_2to3 is invalid.", "setuptools<58"),
        ("ImportError: cannot import name 'Feature' from 'setuptools'", "setuptools<46"),
        ("AttributeError: cython_sources", "cython<3"),
        ("fatal error: numpy/arrayobject.h: No such file or directory", "numpy<2"),
    ],
)
def test_sources_that_are_years_old_get_what_was_current_then(output, limit):
    more = remedied(Means(), output)
    assert more == Means(constraints=(limit,))
    assert remedied(more, output) is None


def test_errors_that_were_warnings_before_gcc_14_are_warnings_again():
    more = remedied(Means(), "x.c:1: error: passing argument [-Wincompatible-pointer-types]")
    assert more is not None
    assert "-Wno-error=incompatible-pointer-types" in more.c_flags
    assert not any("implicit-function" in flag for flag in more.c_flags)


def test_headers_that_python_no_longer_brings_are_included():
    more = remedied(Means(), "x.c:56:5: error: implicit declaration of function 'gettimeofday'")
    assert more is not None
    assert "sys/time.h" in more.c_flags


@pytest.mark.parametrize(
    ("output", "reason"),
    [
        ("error: implicit declaration of function 'PyUnicode_GetSize'", "Python no longer has"),
        ("'PyThreadState' {aka 'struct _ts'} has no member named 'root_cframe'", "Python no longer has"),
        ("error: 'PyUnicode_AS_UNICODE' was not declared in this scope", "Python no longer has"),
        ("ModuleNotFoundError: No module named 'imp'", "standard library"),
        ("error: can't find Rust compiler", "Rust"),
    ],
)
def test_what_no_means_help_against_is_explained(output, reason):
    assert reason in (hopeless(output) or "")
    assert remedied(Means(), output) is None


def test_an_unknown_failure_has_neither_remedy_nor_explanation():
    assert remedied(Means(), "Segmentation fault") is None
    assert hopeless("Segmentation fault") is None
