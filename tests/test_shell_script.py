"""Whole scripts: which programs they run, and which of them come to nothing but one command."""

from __future__ import annotations

import json

import pytest

from rewriter.semantics.shell import CannotTell, Inlined, NotInlined, Programs, inline, interpreter, programs
from rewriter.semantics.shell.called import Called
from tests.shell_tables import rows


def names(found: tuple[Called, ...]) -> str:
    return " ".join(one.name for one in found)


def shown_programs(found: Programs | CannotTell) -> str:
    if isinstance(found, CannotTell):
        return f"no: {found.why}, line {found.line}"
    pieces = [
        names(found.called) or "nothing",
        f"dyn: {names(found.dynamic)}" if found.dynamic else "",
        f"src: {names(found.sourced)}" if found.sourced else "",
        f"file: {names(found.scripts)}" if found.scripts else "",
        f"var: {' '.join(found.variables)}" if found.variables else "",
        f"arguments: {found.passes_on}" if found.passes_on else "",
        "ends in exec" if found.ends_in_exec else "",
    ]
    return " | ".join(piece for piece in pieces if piece)


def shown_inline(found: Inlined | NotInlined) -> str:
    if isinstance(found, NotInlined):
        return " | ".join([f"no: {found.why}, line {found.line}", *(f"default {n}={v}" for n, v in found.defaults)])
    words = ", ".join([*map(json.dumps, found.words), *(["..."] if found.passes_arguments else [])])
    pieces = [
        f"[{words}]",
        *(f"{name}={value}" for name, value in found.env),
        *(f"local {name}={value}" for name, value in found.local),
        f"in {found.cwd}" if found.cwd else "",
        *(f"dropped {one}" for one in found.dropped),
        "" if found.executes or "set" in found.words else "stays",
    ]
    return " | ".join(piece for piece in pieces if piece)


@pytest.mark.parametrize(("script", "answer"), rows("shell_programs.txt"))
def test_programs(script: str, answer: str) -> None:
    assert shown_programs(programs(script)) == answer


@pytest.mark.parametrize(("script", "answer"), rows("shell_inline.txt"))
def test_inline(script: str, answer: str) -> None:
    assert shown_inline(inline(script)) == answer


def test_a_program_stands_on_the_first_line_that_names_it_and_is_sure_if_one_line_is() -> None:
    found = programs("x\nif a; then b; fi\nb\nb\n")
    assert isinstance(found, Programs)
    assert found.called == (Called("x", 1), Called("a", 2), Called("b", 2))
    found = programs("[ x ] &&\n b")
    assert isinstance(found, Programs)
    assert found.called == (Called("b", 2, conditional=True),)


def test_known_variables_name_programs() -> None:
    found = programs("$JAVA_HOME/bin/java -version", (("JAVA_HOME", "/jdk"),))
    assert isinstance(found, Programs)
    assert names(found.called) == "/jdk/bin/java"


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("#!/bin/sh -e\na", ("/bin/sh", "-e")),
        ("#! /usr/bin/env bash\n", ("/usr/bin/env", "bash")),
        ("a", ()),
        ("#a", ()),
    ],
)
def test_interpreter(script: str, words: tuple[str, ...]) -> None:
    assert interpreter(script) == words


@pytest.mark.parametrize(
    ("script", "default"),
    [
        ("${JAVA:-java} x", "java"),
        ('"${J:=/usr/bin}/java" x', "/usr/bin/java"),
        ("${J-'a b'}", "a b"),
        ("$JAVA x", ""),
        ("${J:-$K}", ""),
        ("$(which java)", ""),
    ],
)
def test_a_program_named_by_a_variable_may_have_a_default(script: str, default: str) -> None:
    found = programs(script)
    assert isinstance(found, Programs)
    assert [one.default for one in found.dynamic] == [default]
