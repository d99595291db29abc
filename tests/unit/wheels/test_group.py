from packer.oci.digest import Digest
from packer.wheels.group import Placement, group
from packer.wheels.model import Wheel

MB = 1_000_000


def wheels(**sizes: int | None) -> list[Wheel]:
    return [
        Wheel(name=name, version="1", filename=f"{name}-1-py3-none-any.whl", digest=Digest.of(b""), size=size, urls=())
        for name, size in sizes.items()
    ]


def alone(placements) -> list[str]:
    return [placement.name for placement in placements if placement.alone]


def test_large_wheels_stand_alone_and_small_ones_share():
    placements = group(wheels(flask=100_000, numpy=20 * MB, click=90_000, pandas=12 * MB))

    assert alone(placements) == ["numpy", "pandas"]
    assert [p.name for p in placements if not p.alone] == ["click", "flask"]


def test_the_budget_holds():
    placements = group(wheels(**{f"w{n}": n * MB for n in range(2, 30)}), budget=10)

    assert alone(placements) == [f"w{n}" for n in range(29, 20, -1)]


def test_a_budget_of_one_is_one_layer():
    assert alone(group(wheels(numpy=20 * MB), budget=1)) == []


def test_an_unknown_size_counts_as_small():
    assert alone(group(wheels(private=None))) == []


def test_adding_a_wheel_moves_no_other():
    before = group(wheels(**{f"w{n}": n * MB for n in range(2, 12)}), budget=4)

    after = group(wheels(**{f"w{n}": n * MB for n in range(2, 12)}, tiny=5_000), previous=before, budget=4)

    assert alone(after) == alone(before)


def test_a_new_large_wheel_gets_a_free_layer_above_the_known_ones():
    before = group(wheels(b=5 * MB))

    after = group(wheels(b=5 * MB, a=50 * MB), previous=before)

    assert alone(after) == ["b", "a"]


def test_a_wheel_that_shrinks_or_grows_a_little_stays():
    before = group(wheels(a=5 * MB, b=900_000))

    after = group(wheels(a=500_000, b=1_200_000), previous=before)

    assert alone(after) == ["a"]
    assert {p.name: p.size for p in after} == {"a": 5 * MB, "b": 900_000}


def test_a_wheel_that_doubles_is_thought_over():
    before = group(wheels(a=900_000))

    assert alone(group(wheels(a=1_900_000), previous=before)) == ["a"]


def test_small_steps_add_up():
    first = group(wheels(a=900_000))
    second = group(wheels(a=1_700_000), previous=first)
    third = group(wheels(a=1_900_000), previous=second)

    assert (alone(second), alone(third)) == ([], ["a"])


def test_the_shared_layer_may_not_become_the_largest_unnoticed():
    full = {f"w{n}": n * MB for n in range(5, 8)}
    before = group(wheels(**full, small=2 * MB), budget=4)

    after = group(wheels(**full, small=2 * MB, torch=900 * MB), previous=before, budget=4)

    assert "torch" in alone(after)


def test_a_wheel_that_is_gone_frees_its_layer():
    before = group(wheels(a=9 * MB, b=8 * MB, c=7 * MB), budget=3)

    after = group(wheels(b=8 * MB, c=7 * MB), previous=before, budget=3)

    assert alone(before) == ["a", "b"]
    assert alone(after) == ["b"]


def test_nonsense_from_an_old_lock_is_harmless():
    previous = [Placement(name="gone", alone=True, size=-5), Placement(name="a", alone=True, size=0)]

    assert alone(group(wheels(a=100), previous=previous)) == []
