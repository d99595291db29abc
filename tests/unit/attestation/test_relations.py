from packer.attestation.relations import debian_relations, distribution_relations
from packer.oci.platform import LINUX_AMD64, LINUX_ARM64
from tests.unit.attestation.image_maker import SITE, distribution, inventory, package


def needed(cache, *distributions, platform=LINUX_AMD64):
    found = inventory(cache, [member for members in distributions for member in members]).distributions
    names = {one.path: one.name for one in found}
    relations = distribution_relations(found, platform=platform, python="3.13")
    return {names[path]: [names[other] for other in others] for path, others in relations.items()}


def test_requirements_that_are_there_are_relations(cache):
    app = distribution("flask", "3", "Requires-Dist: Click>=8", "Requires-Dist: not-there", "Requires-Dist: !!")

    assert needed(cache, app, distribution("click", "8")) == {"flask": ["click"], "click": []}


def test_markers_are_evaluated_for_the_images_python_and_platform(cache):
    app = distribution(
        "app",
        "1",
        "Requires-Dist: old; python_version < '3.9'",
        "Requires-Dist: new; python_version >= '3.13'",
        "Requires-Dist: win; sys_platform == 'win32'",
        "Requires-Dist: arm; platform_machine == 'aarch64'",
    )
    others = [distribution(name, "1") for name in ("old", "new", "win", "arm")]

    assert needed(cache, app, *others)["app"] == ["new"]
    assert needed(cache, app, *others, platform=LINUX_ARM64)["app"] == ["arm", "new"]


def test_an_extra_counts_when_everything_that_it_wants_is_there(cache):
    app = distribution(
        "pymysql",
        "1",
        "Requires-Dist: cryptography; extra == 'rsa'",
        "Requires-Dist: pynacl; extra == 'ed25519'",
        "Requires-Dist: cryptography; extra == 'ed25519'",
        "Requires-Dist: pymysql[rsa]; extra == 'all'",
    )

    assert needed(cache, app, distribution("cryptography", "1"))["pymysql"] == ["cryptography"]


def test_each_folder_is_an_environment_of_its_own(cache):
    app = distribution("app", "1", "Requires-Dist: pip")
    pip = distribution("pip", "1", site=SITE.replace("app/.venv", "usr/local"))

    assert needed(cache, app, pip)["app"] == []


def test_debian_packages_depend_on_what_is_there_by_name_or_by_what_it_stands_for(cache):
    found = inventory(
        cache,
        [
            *package("app", "1", "Depends: libc6, broken (("),
            *package("lib", "1", "Depends: libc6 (>= 2), default-mta | mail-transport-agent, gone"),
            *package("libc6", "2"),
            *package("postfix", "1", "Provides: mail-transport-agent"),
        ],
    )

    assert debian_relations(found.packages) == {
        "app:amd64": (),
        "lib:amd64": ("libc6:amd64", "postfix:amd64"),
        "libc6:amd64": (),
        "postfix:amd64": (),
    }


def test_a_package_depends_on_those_of_its_own_architecture(cache):
    status = "\n\n".join(
        f"Package: {name}\nStatus: install ok installed\nVersion: 1\nArchitecture: {architecture}\nDepends: libc6"
        for name in ("libz", "libc6")
        for architecture in ("amd64", "i386")
    )
    found = inventory(cache, [("var/lib/dpkg/status", status.encode())])

    assert debian_relations(found.packages)["libz:i386"] == ("libc6:i386",)
