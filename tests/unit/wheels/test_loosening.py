"""Which pin a resolver's words are about, and how far it gives way."""

import pytest

from packer.wheels.loosening import Loosened, lift, loosen

NO_WHEEL = """error: No solution found when resolving dependencies
  cause: Because boost==1.1.1 has no wheels with a matching Python ABI tag (e.g., `cp311`) and you require
boost==1.1.1, we can conclude that your requirements are unsatisfiable."""
NO_VERSION = "cause: Because there is no version of boost==1.1.1 and you require boost==1.1.1, we can conclude"
NO_BUILD = "error: Failed to build `boost==1.1.1`\n  cause: The build backend returned an error"
FURTHER_DOWN = """cause: Because sip>=4,<=4.8 has no wheels with a matching Python ABI tag (e.g., `cp311`), we can
conclude that sip>=4 cannot be used. And because boost==1.1.1 depends on sip>=4 and you require boost==1.1.1, we can"""
CONTRADICTION = "cause: Because boost==1.1.1 depends on base<2 and you require base==2.0, we can conclude"


@pytest.mark.parametrize("words", [NO_WHEEL, NO_VERSION, NO_BUILD, FURTHER_DOWN])
def test_a_pin_that_cannot_be_had_gives_way_to_the_rest_of_its_major_version(words):
    state = loosen(Loosened(lines=("base==2.0", "Boost[fast]==1.1.1; python_version > '3'")), words)
    assert state
    assert state.lines == ("base==2.0", 'Boost[fast]>=1.1.1,<2; python_version > "3"')
    assert state.remarks == ("boost 1.1.1 cannot be had for this Python: >=1.1.1,<2 is used",)


def test_it_gives_way_further_until_any_release_will_do_and_then_no_more():
    state, seen = Loosened(lines=("boost==1.1.1",)), []
    while further := loosen(state, NO_WHEEL):
        state = further
        seen.append(state.lines[0])
    assert seen == ["boost>=1.1.1,<2", "boost>=1.1.1", "boost"]
    assert state.remarks == ("boost 1.1.1 cannot be had for this Python: any release is used",)


def test_a_build_for_another_machine_gives_way_to_the_plain_one():
    state = loosen(Loosened(lines=("torch==1.7.1+cpu",)), "there is no version of torch==1.7.1+cpu and")
    assert state
    assert state.lines == ("torch>=1.7.1,<2",)


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        (("boost==1.1.1", "base==2.0"), CONTRADICTION),
        (("boost>=1.1.1",), NO_WHEEL),
        (("boost==1.*",), NO_WHEEL),
        (("./boost",), NO_WHEEL),
        (("base==2.0",), NO_WHEEL),
    ],
)
def test_nothing_else_gives_way(lines, words):
    assert loosen(Loosened(lines=lines), words) is None


TOO_LOW = """cause: Because flasky==3.0 depends on base>=3.0.0 and flasky==3.0 depends on other>=2, we can conclude that
flasky==3.0 cannot be used. And because you require base==1.0 and other==2.1, we can conclude"""
TOO_HIGH = "cause: Because flasky==3.0 depends on base>=1,<2 and you require base==2.0, we can conclude"


def test_a_pin_below_what_another_needs_is_lifted():
    state = lift(Loosened(lines=("flasky==3.0", "base==1.0", "other==2.1")), TOO_LOW)
    assert state
    assert state.lines == ("flasky==3.0", "base>=3.0.0,<4", "other==2.1")
    assert state.remarks == ("base 1.0 is below what others need: >=3.0.0,<4 is used",)
    assert lift(state, TOO_LOW) is None


def test_no_pin_is_lowered():
    assert lift(Loosened(lines=("flasky==3.0", "base==2.0")), TOO_HIGH) is None
