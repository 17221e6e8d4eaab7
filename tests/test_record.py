"""A record behaves as `dataclass(frozen=True, slots=True)` does."""

from __future__ import annotations

import pickle
from dataclasses import FrozenInstanceError, dataclass, field, fields, replace
from typing import Any

import pytest

from rewriter.record import record


@record
class Point:
    x: int
    y: int = 2
    tags: tuple[str, ...] = field(default_factory=tuple)

    @property
    def sum(self) -> int:
        return self.x + self.y


@dataclass(frozen=True, slots=True)
class Plain:
    x: int
    y: int = 2
    tags: tuple[str, ...] = field(default_factory=tuple)


@record
class Checked:
    x: int

    def __post_init__(self) -> None:
        if self.x < 0:
            raise ValueError(self.x)


@record
class Empty:
    pass


@pytest.mark.parametrize("made", [Point, Plain])
def test_values_compare_hash_and_print_alike(made: Any) -> None:
    assert made(1) == made(1, 2, ())
    assert made(1) != made(2)
    assert hash(made(1)) == hash(made(1, 2))
    assert repr(made(1)) == f"{made.__qualname__}(x=1, y=2, tags=())"
    assert [one.name for one in fields(made)] == ["x", "y", "tags"]
    assert replace(made(1), y=5) == made(1, 5)
    assert pickle.loads(pickle.dumps(made(3))) == made(3)  # noqa: S301 (our own bytes)


@pytest.mark.parametrize("made", [Point, Plain])
def test_values_are_frozen_and_have_no_dict(made: Any) -> None:
    value = made(1)
    with pytest.raises(FrozenInstanceError):
        value.x = 2
    with pytest.raises(FrozenInstanceError):
        del value.x
    assert not hasattr(value, "__dict__")


def test_classes_with_equal_fields_differ() -> None:
    other: object = Plain(1)
    assert Point(1) != other


def test_match_and_properties_work() -> None:
    match Point(1, 5):
        case Point(x, y):
            assert (x, y) == (1, 5)
    assert Point(1, 5).sum == 6


def test_a_check_after_construction_runs() -> None:
    with pytest.raises(ValueError, match="-1"):
        Checked(-1)


def test_a_record_may_be_empty() -> None:
    assert Empty() == Empty()
    assert repr(Empty()) == "Empty()"


@pytest.mark.parametrize(
    ("values", "named"),
    [((), {}), ((1, 2, (), 4), {}), ((1,), {"x": 2}), ((1, 2), {"z": 3}), ((), {"y": 1}), ((1, 2, ()), {"y": 2})],
)
def test_what_does_not_fit_is_told_as_a_dataclass_tells_it(values: tuple[Any, ...], named: dict[str, Any]) -> None:
    told = []
    for made in (Point, Plain):
        with pytest.raises(TypeError) as caught:
            made(*values, **named)
        told.append(str(caught.value).replace("Plain", "Point"))
    assert told[0] == told[1]


def test_values_go_by_place_and_by_name() -> None:
    assert Point(1, tags=("a",)) == Point(x=1, y=2, tags=("a",)) == Point(1, 2, ("a",))
