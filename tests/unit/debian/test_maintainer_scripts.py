from __future__ import annotations

import pytest

from packer.debian.maintainer_scripts import Alternative, alternatives, is_idle

REGISTERS = """\
#!/bin/sh
set -e
update-alternatives --install /usr/lib/x/libblas.so.3 \\
                    libblas.so.3-x /usr/lib/x/blas/libblas.so.3 10
exit 0
"""


def test_registered_alternatives_are_read():
    assert list(alternatives(REGISTERS)) == [Alternative(10, "usr/lib/x/libblas.so.3", "usr/lib/x/blas/libblas.so.3")]


def test_paths_that_a_shell_would_compute_are_not_guessed():
    assert not list(alternatives('update-alternatives --install "$LINK" my.cnf /etc/mysql/mariadb.cnf 500'))


@pytest.mark.parametrize(
    "script",
    ["", "#!/bin/sh\nset -e\n# Automatically added\nexit 0\n", REGISTERS, "dpkg-maintscript-helper rm x -- $@"],
)
def test_scripts_that_do_nothing_at_first_are_idle(script):
    assert is_idle("x", script)


def test_other_scripts_are_idle_only_when_they_were_read():
    script = "#!/bin/sh\nadduser --system x\n"
    assert not is_idle("x", script)
    assert is_idle("libc6", script)
