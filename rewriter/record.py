"""Frozen slotted dataclasses that cost next to nothing to define.

`dataclass(frozen=True, slots=True)` writes and compiles six methods for every class, which for this package's values
is half of what a command costs to start. Here nothing is compiled: the methods are shared, and read the fields' names
from `__match_args__`. To a type checker, to `match`, to `replace` and to `fields` it is a dataclass.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import MISSING, Field, FrozenInstanceError, dataclass, field
from typing import Any, TypeVar, dataclass_transform

_Class = TypeVar("_Class", bound=type)


@dataclass_transform(frozen_default=True, field_specifiers=(field,))
def record(cls: _Class) -> _Class:
    """Return the class as a frozen slotted dataclass, compared and hashed by its class and all its fields.

    A record inherits no fields. Of what `field` takes only `default` and `default_factory` are for records.
    """
    names = tuple(cls.__annotations__)
    scope = {name: value for name, value in cls.__dict__.items() if name not in _REMADE}
    defaults = {name: scope.pop(name) for name in names if name in scope}
    scope |= {method.__name__: method for method in _SHARED if method.__name__ not in scope}
    scope |= {"__slots__": names, "__match_args__": names, "__dataclass_fields__": _Fields(defaults)}
    scope["__init__"] = _initialiser(names, defaults, checked="__post_init__" in scope)
    return type(cls)(cls.__name__, cls.__bases__, scope)


class _Fields:
    """The fields of a class, which a real dataclass of the same fields tells when somebody asks."""

    __slots__ = ("defaults",)

    def __init__(self, defaults: dict[str, Any]) -> None:
        self.defaults = defaults

    def __get__(self, value: object, cls: Any) -> dict[str, Field[Any]]:
        found: dict[str, Field[Any]] = _alike(cls, self.defaults, init=False).__dataclass_fields__
        cls.__dataclass_fields__ = found
        return found


def _alike(cls: Any, defaults: dict[str, Any], *, init: bool) -> Any:
    scope = {"__doc__": cls.__doc__ or cls.__name__, "__annotations__": cls.__annotations__, **defaults}
    return dataclass(init=init, repr=False, eq=False)(type(cls.__name__, (), scope))


def _initialiser(names: tuple[str, ...], defaults: dict[str, Any], *, checked: bool) -> Any:
    """Return `__init__`: it takes values by place and by name; what does not fit, a real dataclass complains of."""
    put, count = object.__setattr__, len(names)
    makers = {name: maker for name, default in defaults.items() if (maker := _maker(default))}

    def __init__(self: Any, /, *values: Any, **named: Any) -> None:  # noqa: N807 (it becomes the method)
        rest = names[len(values) :]
        if len(values) + len(named) != count:
            named |= {name: makers[name]() for name in rest if name in makers and name not in named}
        if len(values) + len(named) != count or (rest and not named.keys() >= set(rest)):
            _alike(type(self), defaults, init=True)(*values, **named)
        for name, value in zip(names, values):  # noqa: B905 (what is left comes by name)
            put(self, name, value)
        for name in rest:
            put(self, name, named[name])
        if checked:
            self.__post_init__()

    return __init__


def _maker(default: Any) -> Callable[[], Any] | None:
    """Return what makes the value of a field that is left out; None where it may not be."""
    if not isinstance(default, Field):
        return lambda: default
    if default.default_factory is not MISSING:
        return default.default_factory
    return None if default.default is MISSING else lambda: default.default


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

# What a class statement makes of its own accord, and will make again.
_REMADE = frozenset({"__dict__", "__weakref__"})
