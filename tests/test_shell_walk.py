"""The simple commands of a script, laid out flat."""

from __future__ import annotations

import json

import pytest

from rewriter.images.model import Command, Exec, Shell
from rewriter.semantics.shell import Redirection, SimpleCommand, Word, commands, commands_of
from tests.shell_tables import rows

KNOWN = {"V": "1.2", "LIST": "a b", "HOME": "/root", "EMPTY": ""}


def word(one: Word) -> str:
    return f"?{one.raw}" if one.text is None else json.dumps(one.text)


def redirect(one: Redirection) -> str:
    body = "" if one.body is None else "=" + json.dumps(one.body).replace("\\n", "⏎")
    return f"{one.fd}{one.operator}{word(one.target)}{body}"


def marks(one: SimpleCommand) -> str:
    cwd = {"/w": "", None: "?"}.get(one.cwd, one.cwd)
    found = [cwd, "cond" if one.conditional else "", "nested" if one.nested else "", one.function]
    return " ".join(mark for mark in found if mark)


def shown(found: tuple[SimpleCommand, ...]) -> str:
    pieces: list[str] = []
    for one in found:
        pieces += [one.joined or ";"] if pieces else []
        pieces += [*map(word, one.words), *map(redirect, one.redirects)]
        pieces += ["{" + marks(one) + "}"] if marks(one) else []
    return " ".join(pieces) or "nothing"


@pytest.mark.parametrize(("text", "answer"), rows("shell_commands.txt"))
def test_table(text: str, answer: str) -> None:
    assert shown(commands(text, KNOWN, "/w")) == answer


@pytest.mark.parametrize(
    ("command", "answer"),
    [
        (Shell("a && b"), '"a" && "b"'),
        (Shell("a {b,c} $'d\\te'", ("/bin/bash", "-c")), '"a" ?{b,c} "d\\te"'),
        (Shell("a $'d'"), '"a" "$d"'),
        (Exec(("a", "$V")), '"a" "$V"'),
        (Exec(("sh", "-c", "a; b")), '"sh" "-c" "a; b" ; "a" {nested} ; "b" {nested}'),
        (Exec(()), "nothing"),
    ],
)
def test_an_instruction(command: Command, answer: str) -> None:
    assert shown(commands_of(command, KNOWN, "/w")) == answer


def test_what_is_asked_most() -> None:
    call = commands("\nPORT=80 go build -o /app ./cmd/x\n")[0]
    assert (call.name, call.line, call.cwd) == ("go", 2, "")
    assert call.arguments == ("build", "-o", "/app", "./cmd/x")
    assert call.argv == ("go", "build", "-o", "/app", "./cmd/x")
    assert call.assignments == (("PORT", Word("80", "80")),)
    assert commands("a $X")[0].argv is None


def test_lines_are_those_of_the_script() -> None:
    script = "a\nb \\\n  c\nif d\nthen e\nfi\ncat <<E\n$(f)\n\nE\ng `\nh`\n"
    lines = [(one.name, one.line) for one in commands(script)]
    assert lines == [("a", 1), ("b", 2), ("d", 4), ("e", 5), ("f", 8), ("cat", 7), ("h", 12), ("g", 11)]
