"""Reading is linear in the text, whatever the text, and cheap to start."""

from __future__ import annotations

import subprocess
import sys
import time

import pytest

from rewriter.syntax import words
from rewriter.syntax.scanner import parse
from rewriter.syntax.witness import disagreement

N = 50_000
# Each of these has been quadratic, or worse, in some reader of Dockerfiles. Quadratic would take minutes here.
ADVERSARIES = {
    "one-line": "RUN " + "x" * N * 4,
    "continuations": "RUN x" + " \\\n && y" * N,
    "glued-continuations": "RUN" + "\\\nx" * N,
    "lone-continuations": "RUN \\\n" * N,
    "comments-inside": "RUN x \\\n" + "# y\n" * N + "z",
    "blank-lines-inside": "RUN x \\\n" + "\n" * N + "z",
    "heredoc-marks": "RUN" + " <<a" * N,
    "heredocs-that-stay-open": "RUN <<a\n" * N,
    "blanks-after-a-mark": "RUN <<" + " " * N + "<",
    "open-substitutions": "RUN <<a " + "${a:-" * N,
    "substitutions": "RUN <<a " + "${a:-b}" * N,
    "quotes": "ENV a=" + "'\"" * N,
    "escapes": "ENV a=" + "\\b" * N,
    "pairs": "ENV" + " a=b" * N,
    "flags": "RUN" + " --a=é" * N,
    "quoted-flag": 'RUN --a="' + "\\b " * N,
    "triggers": "ONBUILD " * N,
    "array": "CMD [" + '"a",' * N + "1]",
    "nesting": "CMD " + "[" * N,
    "nested-objects": "CMD [" + '{"a":' * N,
    "long-number": "CMD [" + "1" * N + "]",
    "directive-blanks": "# syntax=a" + " " * N + "b",
    "mounts": "RUN --mount=" + '"",' * N,
    "duration": "HEALTHCHECK --interval=" + "1h" * N + " CMD x",
    "descriptor": "RUN " + "1" * N + "<<a",
    "comments": "# x\n" * N,
}


@pytest.mark.parametrize("name", ADVERSARIES)
def test_time_is_linear(name: str) -> None:
    start = time.process_time()
    document = parse("FROM a\n" + ADVERSARIES[name])
    for instruction in document.instructions:
        words.tokens(document, instruction)
    assert disagreement(document) is None
    assert time.process_time() - start < 5


@pytest.mark.parametrize("pattern", ["*a*a*a*a*b", "a*a*a*a*b", "?*?*?*b", "a*b", "*b*"])
def test_patterns_are_matched_in_linear_time(pattern: str) -> None:
    start = time.process_time()
    env = {"A": "a" * N}
    for modifier in (f"#{pattern}", f"##{pattern}", f"%{pattern}", f"%%{pattern}", f"/{pattern}/x", f"//{pattern}/x"):
        assert words.expand(f"${{A{modifier}}}", env) == env["A"]
    assert time.process_time() - start < 5


def test_a_usual_file_is_read_in_well_under_two_milliseconds() -> None:
    stage = (
        '# what\nRUN apt-get update \\\n && apt-get install -y x\nENV A="b c" D=e\nCOPY --from=build /a /b\nCMD ["x"]\n'
    )
    text = "FROM a AS build\n" + stage * 7
    assert min(timed(text) for _ in range(20)) < 0.002


def timed(text: str) -> float:
    start = time.perf_counter()
    assert not parse(text).problems
    return time.perf_counter() - start


def test_reading_loads_nothing_heavy() -> None:
    program = "import sys, rewriter.syntax.scanner, rewriter.syntax.words; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], check=True, capture_output=True, text=True).stdout.split()
    assert "rewriter.syntax.scanner" in loaded
    assert not {"dockerfile_parse", "jinja2", "libcst", "typer", "logging"} & set(loaded)
