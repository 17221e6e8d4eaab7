"""The reader itself: it takes any text, in linear time, and agrees with bash on what is a script."""

from __future__ import annotations

import subprocess
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rewriter.semantics.shell import CannotTell, Script, commands, inline, programs, read, simple, split
from rewriter.semantics.shell.tree import Call
from rewriter.semantics.shell.visit import all_commands, all_variables
from tests.shell_tables import rows

FRAGMENTS = (
    *(
        "a",
        " ",
        "\n",
        ";",
        "&",
        "&&",
        "||",
        "|",
        "!",
        "(",
        ")",
        "{ ",
        "; }",
        "((",
        "))",
        "$(",
        "${",
        "}",
        "$((",
        "`",
        "\\",
    ),
    *(
        "'",
        '"',
        "$",
        "$'",
        "#",
        "<",
        ">",
        "<<E\n",
        "\nE\n",
        "<<-'E'\n",
        "<(",
        "x=",
        "x+=(",
        "if ",
        "; then ",
        "; else ",
    ),
    *(
        "; fi",
        "while ",
        "; do ",
        "; done",
        "for i in ",
        "case a in ",
        "b) ",
        ";;",
        " esac",
        "f() ",
        "function f ",
        "[[ ",
    ),
    *(
        " ]]",
        "exec ",
        '"$@"',
        "cd x",
        "sh -c '",
        "eval ",
        "trap ",
        "export A=",
        "*",
        "~",
        "{a,b}",
        "\t",
        "\r\n",
        "\x00",
        "é",
    ),
)
ENDLESS = (
    *(
        "(",
        "((",
        "$(",
        "$((",
        "${",
        "`",
        '"',
        "'",
        '"$(',
        "$(a ",
        "${x:-",
        "{ ",
        "if a; then ",
        "case a in b) ",
        "f() { ",
    ),
    *(
        "a;",
        "a&",
        "a|",
        "a&&",
        "a\n",
        "a ",
        "a=$a$a;",
        "\\",
        "\\a",
        "$a",
        '"a"',
        "'a'",
        "<<a\n",
        "cat <<a b\n",
        "a #b\n",
    ),
    *(
        "((a) | ",
        "$((a) ",
        "x=(",
        "[[ a ",
        "a() ",
        "{a,",
        "a{b",
        "~",
        "$'",
        "a>b ",
        "!",
        "! ",
        "for i in a; do ",
        "eval a;",
    ),
    *(
        "sh -c 'a';",
        "x=1;",
        "x=1 a & ",
        "export x=$x;",
        "a@(",
        "\t",
        "\r",
        "#",
        "a`b`",
        "$(a)",
        "a;;",
        "while a; do b; done;",
    ),
)
LENGTH = 20_000
NAMES = "abcdefgijklmnoprstuvwxyz0123456"


def ask_everything(script: str) -> None:
    """Every question there is; none may raise."""
    assert isinstance(read(script), Script | CannotTell)
    simple(script)
    split(script)
    inline(script)
    programs(script)
    commands(script, {"A": "b c"}, "/w", bash=True)


@given(st.text())
def test_any_text_can_be_asked_about(script: str) -> None:
    ask_everything(script)


@settings(max_examples=400)
@given(st.lists(st.sampled_from(FRAGMENTS), max_size=25).map("".join))
def test_any_jumble_of_shell_can_be_asked_about(script: str) -> None:
    ask_everything(script)


@pytest.mark.parametrize("piece", ENDLESS)
def test_time_is_in_proportion_to_length(piece: str) -> None:
    """A reader that went over the text again for every piece would need minutes, not seconds."""
    script = piece * (LENGTH // len(piece))
    started = time.process_time()
    programs(script)
    inline(script)
    assert time.process_time() - started < 5


@pytest.mark.parametrize("table", ["shell_commands.txt", "shell_programs.txt", "shell_inline.txt", "shell_simple.txt"])
def test_what_bash_takes_for_a_script_is_one(table: str) -> None:
    scripts = [script for script, _ in rows(table)]
    assert scripts
    for script in scripts:
        bash = subprocess.run(["bash", "-O", "extglob", "-n", "-c", script], capture_output=True, check=False)
        assert isinstance(read(script), Script) == (bash.returncode == 0), script


def test_every_command_is_found_wherever_it_hides() -> None:
    script = read(
        "a $(b `c`) >$(d) <<E\n$(e)\nE\nx=$(f); y=($(g)); h() { i; }; if $(j); then k; elif l; then m; else n; fi\n"
        "while o; do p; done; for q in $(r); do s; done; case $(t) in $(u)) v;; esac; (w); { x; }; [[ $(y) ]]\n"
        "(( $(z) )); 0 ${A:-$(1)} $((1 + $(2))) <(3); until 4; do 5; done && ! 6\n"
    )
    assert isinstance(script, Script)
    calls = [command for command, _ in all_commands(script) if isinstance(command, Call)]
    assert {call.words[0].raw for call in calls if call.words and "$" not in call.words[0].raw} == {*NAMES}
    assert [variable.name for variable in all_variables(script)] == ["A"]


@pytest.mark.parametrize(
    ("script", "why", "line"),
    [
        ("a\nif b\n", "missing 'then'", 3),
        ("a\n\n'b", "unbalanced quote", 3),
        ("a\n)", "unexpected ')'", 2),
        ("a ;; b", "unexpected ';'", 1),
        ("a\nfi", "unexpected 'fi'", 2),
        ("if a\r\nthen b\r\nfi\r\n", "carriage return at the end of a line", 4),
        ("a >", "redirection without a target", 1),
        ("a &&", "unexpected end", 1),
        ("${}", "bad substitution", 1),
        ("(" * 99, "nested too deeply", 1),
    ],
)
def test_why_a_text_is_no_script(script: str, why: str, line: int) -> None:
    assert read(script) == CannotTell(why, line)
