import errno

import pytest

from packer.debian.build_root_refusal import read_kernel_setting, refusal


@pytest.mark.parametrize(
    ("settings", "advice"),
    [
        ({"kernel/unprivileged_userns_clone": "0"}, "sysctl -w kernel.unprivileged_userns_clone=1"),
        (
            {"kernel/apparmor_restrict_unprivileged_userns": "1"},
            "sysctl -w kernel.apparmor_restrict_unprivileged_userns=0",
        ),
        ({"user/max_user_namespaces": "0"}, "sysctl -w user.max_user_namespaces="),
    ],
)
def test_the_setting_that_forbids_namespaces_is_named(settings, advice):
    error = refusal("a user namespace", errno.EPERM, kernel_setting=settings.get, container=lambda: True)
    assert advice in (error.hint or "")
    assert "Operation not permitted" in error.what


def test_a_container_is_named_when_no_setting_forbids_it():
    error = refusal("a user namespace", errno.EPERM, kernel_setting={}.get, container=lambda: True)
    assert "seccomp=unconfined" in (error.hint or "")


def test_there_is_always_something_to_do():
    error = refusal("devices", errno.ENOENT, kernel_setting={}.get, container=lambda: False)
    assert error.hint


def test_a_setting_that_the_kernel_has_not_is_none():
    assert read_kernel_setting("kernel/no_such_setting") is None
