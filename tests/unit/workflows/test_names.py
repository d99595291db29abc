import pytest

from packer.errors import UsageError
from packer.workflows.names import names_of, source_tags, target_of
from packer.workflows.provenance import Provenance

COMMIT = Provenance(revision="0123456789abcdef" * 2, tree="99")


def names(*wishes, image=None, tags=("latest",)):
    return [one.familiar for one in names_of(wishes, image, project="shop", tags=tags)]


def test_wishes_win_over_everything():
    assert names("blog", "team/blog:1", image="example.com/shop", tags=("abc", "latest")) == [
        "blog:latest",
        "team/blog:1",
    ]


def test_a_tag_alone_is_one_of_the_projects_repository():
    assert names(":1", ":stable") == ["shop:1", "shop:stable"]
    assert names(":1", image="localhost:5000/team/shop") == ["localhost:5000/team/shop:1"]
    assert target_of((":1",), "localhost:5000/team/shop").familiar == "localhost:5000/team/shop:1"
    with pytest.raises(UsageError, match="which registry"):
        target_of((":1",), None)


def test_the_setting_wins_over_the_projects_name():
    assert names(tags=("abc", "latest")) == ["shop:abc", "shop:latest"]
    assert names(image="localhost:5000/team/shop", tags=("abc",)) == ["localhost:5000/team/shop:abc"]


def test_the_same_name_twice_is_one_name():
    assert names("shop", "shop:latest", "docker.io/library/shop") == ["shop:latest"]


def test_a_digest_is_no_name_to_give():
    with pytest.raises(UsageError, match="names a digest"):
        names(f"shop@sha256:{'0' * 64}")


def test_the_tags_are_the_commit_the_branch_and_latest_last():
    assert source_tags(COMMIT, changed=False, branch="main") == ("0123456789ab", "main", "latest")
    assert source_tags(COMMIT, changed=True, branch="main") == ("0123456789ab-dirty", "main", "latest")
    assert source_tags(COMMIT, changed=False, branch=None) == ("0123456789ab", "latest")


def test_without_a_commit_that_holds_the_project_there_is_only_latest():
    assert source_tags(Provenance(), changed=False, branch="main") == ("latest",)
    assert source_tags(Provenance(revision="ab" * 20), changed=False, branch="main") == ("latest",)


@pytest.mark.parametrize(
    ("branch", "tag"),
    [
        ("feature/login", "feature-login"),
        ("dependabot/pip/flask-3.1", "dependabot-pip-flask-3.1"),
        ("-.x", "x"),
        ("Fix_It", "Fix_It"),
        ("größe", "gr-e"),
        ("x" * 300, "x" * 128),
    ],
)
def test_a_branch_becomes_a_valid_tag(branch, tag):
    assert source_tags(COMMIT, changed=False, branch=branch)[1] == tag
    assert names(tags=(tag,)) == [f"shop:{tag}"]


@pytest.mark.parametrize("branch", ["latest", "ü", "/"])
def test_a_branch_that_says_nothing_new_is_no_tag(branch):
    assert source_tags(COMMIT, changed=False, branch=branch) == ("0123456789ab", "latest")
