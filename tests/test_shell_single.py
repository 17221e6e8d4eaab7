"""One simple command or not: recorded rows, a table, and what the shells of this machine make of the same lines."""

from __future__ import annotations

import json
import random
import subprocess
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.semantics.shell import NotSimple, Simple, meant_as_json, simple, split
from tests.shell_tables import rows

Row = dict[str, Any]

RECORDED: list[Row] = [
    row
    for line in (Path(__file__).parent / "conformance" / "argv.jsonl").read_text("utf-8").splitlines()
    if "simple" in (row := json.loads(line))
]


def shown(found: Simple | NotSimple) -> str:
    if isinstance(found, NotSimple):
        return f"no: {found.why}"
    cwd = [] if found.cwd is None else [f"in {found.cwd}"]
    env = [f"{name}={value}" for name, value in found.env]
    return " | ".join([json.dumps(found.words), *cwd, *env, *found.dropped])


@pytest.mark.parametrize("row", RECORDED, ids=lambda row: row["name"])
def test_recorded_row(row: Row) -> None:
    script = row["config"]["Cmd"][2]
    assert split(script) == (tuple(row["words"]) if row["simple"] else NotSimple(row["why"]))


@pytest.mark.parametrize(("text", "answer"), rows("shell_simple.txt"))
def test_table(text: str, answer: str) -> None:
    assert shown(simple(text)) == answer


@pytest.mark.parametrize(("text", "answer"), rows("shell_simple.txt"))
def test_nothing_is_taken_off_where_the_words_are_those_of_the_text(text: str, answer: str) -> None:
    found, words = simple(text), split(text)
    assert isinstance(words, tuple) == (isinstance(found, Simple) and not found.dropped), answer
    assert not isinstance(words, tuple) or (isinstance(found, Simple) and found.words == words)


@given(st.text(alphabet=st.sampled_from("ca \t\n'\"\\$`(){}[]<>|&;#=~*?!,.:-01"), max_size=40))
def test_a_simple_text_is_simple_again_when_its_words_are_quoted(text: str) -> None:
    words = split(text)
    if isinstance(words, tuple):
        quoted = " ".join("'" + word.replace("'", "'\\''") + "'" for word in words)
        assert split(quoted) == words


@pytest.mark.parametrize("text", ["['a', 'b']", '["a", "b"', "[a]", "[ 'a', 'b' ]", '[ "a" ]', "  ['a']"])
def test_json_that_is_not_quite_is_seen(text: str) -> None:
    assert meant_as_json(text)


@pytest.mark.parametrize("text", ["[ -f x ]", '[ "$A" = b ]', "c [a]", "[ a ]", "[[ -f x ]]"])
def test_a_test_is_not_taken_for_json(text: str) -> None:
    assert not meant_as_json(text)


PIECES = (
    *(
        "a",
        "b",
        "-x",
        "--y=z",
        "0.0.0.0:80",
        "é",
        "#c",
        "a#b",
        "~",
        "a~b",
        "=",
        "x=1",
        "%",
        "@",
        "+",
        ",",
        "^a",
        "!",
        "{}",
    ),
    *(
        "{",
        "}",
        "{a}",
        "a,b",
        "]",
        ".",
        "..",
        ":",
        "/",
        "$",
        "\\a",
        "\\ ",
        "\\$A",
        "\\\\",
        "\\'",
        '\\"',
        "\\\n",
        "\\;",
        "\\*",
    ),
    *(
        "'a b'",
        "''",
        "'$A'",
        "'\"'",
        "'\\'",
        "'*'",
        "'a\nb'",
        '""',
        '"a b"',
        '"\\$A"',
        '"\\a"',
        '"\\\\"',
        '"\\""',
        '"`"',
    ),
    *(
        '"it\'s"',
        '"*"',
        '"~"',
        '"a\\\nb"',
        '"$"',
        '"{a,b}"',
        "$A",
        '"$A"',
        "*",
        "[a]",
        "`b`",
        "$(c)",
        "&",
        "|",
        ">f",
        "$'a'",
    ),
)


def generated(count: int) -> list[str]:
    """Lines of glued and parted pieces, the same ones in every run."""
    choice = random.Random(20260821)  # noqa: S311
    lines = []
    for _ in range(count):
        pieces = choice.choices(PIECES, k=choice.randint(1, 6))
        lines.append("f " + "".join(piece + choice.choice(("", " ", " ", "  ", "\t")) for piece in pieces))
    return lines


@pytest.mark.parametrize("shell", ["dash", "bash"])
def test_the_shells_make_the_same_words(shell: str) -> None:
    simple_ones = [(line, words) for line in generated(2000) if isinstance(words := split(line), tuple)]
    assert len(simple_ones) > 300
    script = "f() { for word; do printf '%s\\0' \"$word\"; done; printf '\\1\\0'; }\n" + "\n".join(
        line for line, _ in simple_ones
    )
    done = subprocess.run([shell, "-c", script], capture_output=True, check=True, cwd="/")
    answers = [line.split("\0")[:-1] for line in done.stdout.decode().split("\1\0")[:-1]]
    assert done.stderr == b""
    assert answers == [list(words[1:]) for _, words in simple_ones]
