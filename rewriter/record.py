"""Frozen slotted dataclasses that are cheap to define.

`dataclass(frozen=True, slots=True)` writes and compiles six methods for every class, which for this package's values
is half of what a command costs to start. Here only `__init__` is compiled; the other methods are shared and read the
fields' names from `__match_args__`. To a type checker, to `match`, to `replace` and to `fields` it is a dataclass.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field, fields
from typing import Any, TypeVar, dataclass_transform

_Class = TypeVar("_Class", bound=type)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: _Class) -> _Class:
    """Return the class as a frozen slotted dataclass, compared and hashed by its class and all its fields.

    Of what `field` takes only `default` and `default_factory` are for records.
    """
    made: Any = dataclass(init=False, repr=False, eq=False, slots=True)(cls)
    made.__init__ = _initialiser(made)
    for method in _SHARED:
        if method.__name__ not in cls.__dict__:
            setattr(made, method.__name__, method)
    return made  # type: ignore[no-any-return]


def _initialiser(cls: Any) -> Any:
    """Compile `__init__`, the only method whose parameters differ from class to class."""
    scope: dict[str, Any] = {"_set": object.__setattr__, "_missing": MISSING}
    parameters = ", ".join(("self", *(_parameter(one, scope) for one in fields(cls))))
    lines = [line for one in fields(cls) for line in _assignment(one, scope)]
    lines += ["self.__post_init__()"] if hasattr(cls, "__post_init__") else []
    exec(f"def __init__({parameters}):\n " + "\n ".join(lines or ["pass"]), scope)  # noqa: S102 (as dataclasses does)
    return scope["__init__"]


def _parameter(one: Field[Any], scope: dict[str, Any]) -> str:
    if one.default_factory is not MISSING:
        return f"{one.name}=_missing"
    if one.default is MISSING:
        return one.name
    scope[f"_default_{one.name}"] = one.default
    return f"{one.name}=_default_{one.name}"


def _assignment(one: Field[Any], scope: dict[str, Any]) -> Iterator[str]:
    if one.default_factory is not MISSING:
        scope[f"_make_{one.name}"] = one.default_factory
        yield f"if {one.name} is _missing: {one.name} = _make_{one.name}()"
    yield f"_set(self, {one.name!r}, {one.name})"


def _values(self: Any) -> tuple[Any, ...]:
    return tuple(getattr(self, name) for name in self.__match_args__)


def __eq__(self: Any, other: object) -> bool:  # noqa: N807 (it becomes the method)
    return _values(self) == _values(other) if other.__class__ is self.__class__ else NotImplemented


def __hash__(self: Any) -> int:  # noqa: N807
    return hash(_values(self))


def __repr__(self: Any) -> str:  # noqa: N807
    shown = (f"{name}={getattr(self, name)!r}" for name in self.__match_args__)
    return f"{type(self).__qualname__}({', '.join(shown)})"


def __setattr__(self: Any, name: str, value: object) -> None:  # noqa: ARG001, N807
    raise FrozenInstanceError(f"cannot assign to field {name!r}")


def __delattr__(self: Any, name: str) -> None:  # noqa: ARG001, N807
    raise FrozenInstanceError(f"cannot delete field {name!r}")


def __getstate__(self: Any) -> tuple[Any, ...]:  # noqa: N807 (a frozen class with slots cannot be pickled otherwise)
    return _values(self)


def __setstate__(self: Any, state: tuple[Any, ...]) -> None:  # noqa: N807
    for name, value in zip(self.__match_args__, state, strict=True):
        object.__setattr__(self, name, value)


_SHARED = (__eq__, __hash__, __repr__, __setattr__, __delattr__, __getstate__, __setstate__)
