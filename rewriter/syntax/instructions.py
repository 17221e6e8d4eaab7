"""The typed step: what BuildKit's parser takes and its `frontend/dockerfile/instructions` refuses.

Arity, flag names and values, unknown instructions, an instruction before the first FROM. BuildKit stops at the first
refusal; here all are listed, each instruction's first. Expands nothing: what depends on variables is not looked at.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from enum import Enum, auto

from rewriter.syntax import blanks, heredocs
from rewriter.syntax.document import Instruction, Item, Problem
from rewriter.syntax.patterns import WordError


class _Kind(Enum):
    BOOL = auto()
    TEXT = auto()
    TEXTS = auto()


_COPY_FLAGS = {"chown": _Kind.TEXT, "chmod": _Kind.TEXT, "link": _Kind.BOOL, "exclude": _Kind.TEXTS}
_TIMES = ("interval", "timeout", "start-period", "start-interval")
_FLAGS: dict[str, dict[str, _Kind]] = {
    "ADD": {**_COPY_FLAGS, "keep-git-dir": _Kind.BOOL, "checksum": _Kind.TEXT, "unpack": _Kind.BOOL},
    "COPY": {**_COPY_FLAGS, "from": _Kind.TEXT, "parents": _Kind.BOOL},
    "FROM": {"platform": _Kind.TEXT},
    "HEALTHCHECK": {**dict.fromkeys(_TIMES, _Kind.TEXT), "retries": _Kind.TEXT},
    "RUN": {"mount": _Kind.TEXTS, "device": _Kind.TEXTS, "network": _Kind.TEXT, "security": _Kind.TEXT},
}
_STAGE_NAME = re.compile(r"[a-z][a-z0-9-_.]*")
_NUMBER = re.compile(r"[-+]?[0-9]+")
_DURATION_PART = re.compile(r"([0-9]+(?:\.[0-9]*)?|\.[0-9]+)([^0-9.]+)")
_UNITS = {
    "ns": 1,
    "us": 1_000,
    "µs": 1_000,
    "μs": 1_000,
    "ms": 1_000_000,
    "s": 1_000_000_000,
    "m": 60_000_000_000,
    "h": 3_600_000_000_000,
}


class RefusalError(ValueError):
    """An instruction or a value that the typed step refuses; the message is BuildKit's."""


def problems(items: Iterable[Item]) -> Iterator[Problem]:
    """Yield what the typed step refuses, in file order."""
    has_stage = told = False
    for item in items:
        if not isinstance(item, Instruction):
            continue
        refusal = refusal_of(item)
        has_stage = has_stage or item.name == "FROM"
        if not refusal and not has_stage and not told and item.name != "ARG":
            refusal, told = "no build stage in current context", True
        if refusal:
            yield Problem(refusal, item.span.line)


def refusal_of(instruction: Instruction) -> str:
    """Return why the typed step refuses an instruction for itself, "" if it does not."""
    check = _CHECKS.get(instruction.name)
    if check is None:
        return f"unknown instruction: {instruction.keyword}"
    try:
        check(instruction)
    except RefusalError as error:
        return str(error)
    return ""


def duration(text: str) -> int:
    """Return a duration such as `1m30s` in nanoseconds, as Go's `time.ParseDuration` reads it.

    Raises:
        RefusalError: the text is no duration, or one that does not fit 64 bits.
    """
    sign = -1 if text.startswith("-") else 1
    rest = text[1:] if text[:1] in ("-", "+") else text
    if rest == "0":
        return 0
    total = position = 0
    while match := _DURATION_PART.match(rest, position):
        if match[2] not in _UNITS:
            raise RefusalError(f'time: unknown unit "{match[2]}" in duration "{text}"')
        total += _scaled(match[1], _UNITS[match[2]])
        position = match.end()
    if not rest or position != len(rest) or total >= 2**63:
        raise RefusalError(f'time: invalid duration "{text}"')
    return sign * total


def _scaled(number: str, unit: int) -> int:
    # Nobody waits for numbers of more than 20 digits, and converting them would take quadratic time.
    whole, _, fraction = number.partition(".")
    if len(whole.lstrip("0")) > 20:
        return 2**63
    fraction = fraction[:20]
    return int(whole or "0") * unit + int(fraction or "0") * unit // int("1" + "0" * len(fraction))


def _arguments(instruction: Instruction) -> tuple[str, ...]:
    return instruction.words if instruction.value is None else (instruction.value,)


def _check_flags(instruction: Instruction) -> None:
    """Each flag is known, is there once unless it may repeat, and has a value of its kind."""
    known = _FLAGS.get(instruction.name, {})
    seen: set[str] = set()
    for written in instruction.flags:
        name, mark, value = written.partition("=")
        kind = known.get(name[2:])
        if kind is None:
            raise RefusalError(f"unknown flag: {name}")
        if name in seen and kind is not _Kind.TEXTS:
            raise RefusalError(f"duplicate flag specified: {name}")
        seen.add(name)
        if not mark if kind is not _Kind.BOOL else mark and not value:
            raise RefusalError(f"missing a value on flag: {name}")
        if kind is _Kind.BOOL and value.lower() not in ("", "true", "false"):
            raise RefusalError(f"expecting boolean value for flag {name}, not: {value}")


def _values(instruction: Instruction, name: str) -> Iterator[str]:
    for written in instruction.flags:
        flag, _, value = written.partition("=")
        if flag == f"--{name}":
            yield value


def _at_least_one(instruction: Instruction) -> None:
    if not _arguments(instruction):
        raise RefusalError(f"{instruction.name} requires at least one argument")


def _one_argument(instruction: Instruction) -> None:
    """MAINTAINER, USER, WORKDIR."""
    _only_one(instruction)
    _check_flags(instruction)


def _only_one(instruction: Instruction) -> None:
    """STOPSIGNAL; its flags are not looked at."""
    if len(_arguments(instruction)) != 1:
        raise RefusalError(f"{instruction.name} requires exactly one argument")


def _expose(instruction: Instruction) -> None:
    _at_least_one(instruction)
    _check_flags(instruction)


def _volume(instruction: Instruction) -> None:
    _expose(instruction)
    if not all(word.strip(blanks.UNICODE) for word in instruction.words):
        raise RefusalError("VOLUME specified can not be an empty string")


def _pairs(instruction: Instruction) -> None:
    """ENV, LABEL."""
    _check_flags(instruction)
    _at_least_one(instruction)
    if not all(instruction.words[::3]):
        raise RefusalError(f"{instruction.name} names can not be blank")


def _arg(instruction: Instruction) -> None:
    """ARG; its flags are not looked at."""
    _at_least_one(instruction)
    if any(word.startswith("=") for word in instruction.words):
        raise RefusalError("ARG names can not be blank")


def _copy(instruction: Instruction) -> None:
    """ADD, COPY."""
    name = instruction.name
    if len(instruction.words) < 2:
        raise RefusalError(
            f"{name} requires at least two arguments, but only one was provided. Destination could not be determined"
        )
    _check_flags(instruction)
    if _is_heredoc(instruction.words[-1]):
        raise RefusalError(f"{name} cannot accept a heredoc as a destination")


def _is_heredoc(word: str) -> bool:
    try:
        return heredocs.opening(word) is not None
    except WordError:
        return False


def _from(instruction: Instruction) -> None:
    words = instruction.words
    if len(words) == 3 and words[1].casefold() == "as":
        if not _STAGE_NAME.fullmatch(words[2].lower()):
            raise RefusalError(
                f'invalid name for build stage: "{words[2]}", name can\'t start with a number or contain symbols'
            )
    elif len(words) != 1:
        raise RefusalError("FROM requires either one or three arguments")
    _check_flags(instruction)


def _onbuild(instruction: Instruction) -> None:
    trigger = instruction.trigger
    if trigger is None:
        raise RefusalError("ONBUILD requires at least one argument")
    _check_flags(instruction)
    if trigger.name == "ONBUILD":
        raise RefusalError("Chaining ONBUILD via `ONBUILD ONBUILD` isn't allowed")
    if trigger.name in ("MAINTAINER", "FROM"):
        raise RefusalError(f"{trigger.name} isn't allowed as an ONBUILD trigger")


def _shell(instruction: Instruction) -> None:
    _check_flags(instruction)
    _at_least_one(instruction)
    if instruction.form != "json":
        raise RefusalError("SHELL requires the arguments to be in JSON form")


def _run(instruction: Instruction) -> None:
    _check_flags(instruction)
    for value in _values(instruction, "mount"):
        _mount(value)
    for value in _values(instruction, "device"):
        _device(value)
    for value in _values(instruction, "network"):
        if value not in ("default", "none", "host"):
            raise RefusalError(f'invalid network mode "{value}"')
    for value in _values(instruction, "security"):
        if value not in ("insecure", "sandbox"):
            raise RefusalError(f'security "{value}" is not valid')


def _mount(value: str) -> None:
    """Only `from=` is looked at here, since it takes no variables; the rest waits until they are expanded."""
    for part in fields(value):
        key, _, text = part.partition("=")
        if key.lower() == "from" and "$" in text[:-1]:
            raise RefusalError("'from' doesn't support variable expansion, define alias stage instead")


def _device(value: str) -> None:
    name = ""
    for part in fields(value):
        key, mark, text = part.partition("=")
        if key.lower() == "required":
            if mark and text not in ("1", "t", "T", "TRUE", "true", "True", "0", "f", "F", "FALSE", "false", "False"):
                raise RefusalError(f"invalid value for required: {text}")
        elif mark and key.lower() == "name":
            if name:
                raise RefusalError(f"device name already set to {name}")
            name = text
        elif not name:
            name = part
        else:
            raise RefusalError(
                f"unexpected key '{key.lower()}' in '{part}'"
                if mark
                else f"invalid field '{part}' must be a key=value pair"
            )


def fields(value: str) -> tuple[str, ...]:
    """Return the fields of a comma-separated flag value, `a,"b,c"` being two.

    Raises:
        RefusalError: the value is empty, or a quote stands where none may.
    """
    if not value:
        raise RefusalError("failed to parse csv: EOF")
    found: list[str] = []
    position = 0
    while position <= len(value):
        field, position = _quoted_field(value, position) if value.startswith('"', position) else _field(value, position)
        found.append(field)
    return tuple(found)


def _field(value: str, position: int) -> tuple[str, int]:
    end = value.find(",", position)
    end = len(value) if end < 0 else end
    if '"' in value[position:end]:
        raise RefusalError('failed to parse csv: bare " in non-quoted-field')
    return value[position:end], end + 1


def _quoted_field(value: str, position: int) -> tuple[str, int]:
    pieces: list[str] = []
    while True:
        end = value.find('"', position + 1)
        if end < 0:
            break
        pieces.append(value[position + 1 : end])
        if value.startswith('"', end + 1):
            pieces.append('"')
            position = end + 1
        elif end + 1 == len(value) or value[end + 1] == ",":
            return "".join(pieces), end + 2
        else:
            break
    raise RefusalError('failed to parse csv: extraneous or missing " in quoted-field')


def _healthcheck(instruction: Instruction) -> None:
    _at_least_one(instruction)
    kind, *command = instruction.words
    if kind.upper() == "NONE":
        if command:
            raise RefusalError("HEALTHCHECK NONE takes no arguments")
        return
    _check_flags(instruction)
    if kind.upper() != "CMD":
        raise RefusalError(f'Unknown type "{kind.upper()}" in HEALTHCHECK (try CMD)')
    if not command:
        raise RefusalError("Missing command after HEALTHCHECK CMD")
    for name in _TIMES:
        for value in _values(instruction, name):
            _check_time(name, value)
    for value in _values(instruction, "retries"):
        _check_retries(value)


def _check_time(name: str, value: str) -> None:
    time = duration(value) if value else 0
    if time and time < _UNITS["ms"]:
        raise RefusalError(f'Interval "{name}" cannot be less than 1ms')


def _check_retries(value: str) -> None:
    if not value:
        return
    if not _NUMBER.fullmatch(value) or len(value.lstrip("+-0")) > 10 or not -(2**31) <= int(value) < 2**31:
        raise RefusalError(f'strconv.ParseInt: parsing "{value}": invalid syntax or value out of range')
    if int(value) < 0:
        raise RefusalError(f"--retries cannot be negative ({int(value)})")


_CHECKS: dict[str, Callable[[Instruction], None]] = {
    "ADD": _copy,
    "ARG": _arg,
    "CMD": _check_flags,
    "COPY": _copy,
    "ENTRYPOINT": _check_flags,
    "ENV": _pairs,
    "EXPOSE": _expose,
    "FROM": _from,
    "HEALTHCHECK": _healthcheck,
    "LABEL": _pairs,
    "MAINTAINER": _one_argument,
    "ONBUILD": _onbuild,
    "RUN": _run,
    "SHELL": _shell,
    "STOPSIGNAL": _only_one,
    "USER": _one_argument,
    "VOLUME": _volume,
    "WORKDIR": _one_argument,
}
