"""Entry scripts: the first line as the kernel reads it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.analysis.script import read_script
from tests.contexts import context_of


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("#!/bin/sh", ("/bin/sh", (), "sh", ())),
        ("#! /bin/bash -e", ("/bin/bash", ("-e",), "bash", ("-e",))),
        ("#!/bin/sh -e -u", ("/bin/sh", ("-e -u",), "sh", ("-e", "-u"))),
        ("#!/bin/sh\t-e", ("/bin/sh", ("-e",), "sh", ("-e",))),
        ("#!/usr/bin/env bash", ("/usr/bin/env", ("bash",), "bash", ())),
        ("#!/usr/bin/env -S node --harmony", ("/usr/bin/env", ("-S node --harmony",), "node", ("--harmony",))),
        ("#!/usr/bin/env -Snode", ("/usr/bin/env", ("-Snode",), "node", ())),
        ("#!/usr/bin/env -S A=b python3 -u", ("/usr/bin/env", ("-S A=b python3 -u",), "python3", ("-u",))),
        ("#!/usr/bin/env", ("/usr/bin/env", (), None, ())),
        ("#!/usr/local/bin/python3", ("/usr/local/bin/python3", (), "python3", ())),
        ("#!", (None, (), None, ())),
        ("# !/bin/sh", (None, (), None, ())),
        ("echo hi", (None, (), None, ())),
        ("", (None, (), None, ())),
    ],
)
def test_first_line(tmp_path: Path, line: str, expected: tuple[object, ...]) -> None:
    script = read_script(context_of(tmp_path, {"run.sh": f"{line}\nexec x\n"}), "run.sh")
    assert script is not None
    assert (script.interpreter, script.arguments, script.program, script.options) == expected
    assert script.evidence.where == "run.sh:1"
    assert script.evidence.quote == line


def test_carriage_returns(tmp_path: Path) -> None:
    files = {"all": "#!/bin/sh\r\nx\r\n", "later": "#!/bin/sh\nx\r\n", "none": "#!/bin/sh\n"}
    context = context_of(tmp_path, files)
    scripts = [read_script(context, name) for name in files]
    assert [(s.carriage_return, s.carriage_returns) for s in scripts if s] == [
        (True, True),
        (False, True),
        (False, False),
    ]
    assert [s.interpreter for s in scripts if s] == ["/bin/sh"] * 3


def test_a_byte_order_mark_hides_the_interpreter(tmp_path: Path) -> None:
    script = read_script(context_of(tmp_path, {"run": b"\xef\xbb\xbf#!/bin/sh\n"}), "run")
    assert script is not None
    assert script.byte_order_mark
    assert script.interpreter is None
    assert script.text == "#!/bin/sh\n"


def test_the_executable_bit(tmp_path: Path) -> None:
    context = context_of(tmp_path, {"run": "#!/bin/sh\n", "sub/plain": "x"})
    (tmp_path / "run").chmod(0o755)
    assert [s.executable for s in (read_script(context, "run"), read_script(context, "./sub/plain")) if s] == [
        True,
        False,
    ]


@pytest.mark.parametrize("path", ["none", "binary", "", "../x"])
def test_no_script(tmp_path: Path, path: str) -> None:
    assert read_script(context_of(tmp_path, {"binary": b"\x7fELF\0\0"}), path) is None
