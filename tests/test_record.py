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


def test_too_few_arguments_are_named() -> None:
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'x'"):
        Point()  # type: ignore[call-arg]
