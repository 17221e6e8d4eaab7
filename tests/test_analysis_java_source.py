"""Java sources: rows of code and what must be seen in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.analysis.java_source import survey
from tests.contexts import context_of


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('new ProcessBuilder("sh", "-c", "a | b").start();', ["shell a | b"]),
        ('new ProcessBuilder("git", arg);', ["spawn git"]),
        ("new ProcessBuilder(command);", ["spawn"]),
        ('Runtime.getRuntime().exec("ls -l");', ["spawn ls -l"]),
        ('Runtime.getRuntime().exec(new String[]{"a"});', ["spawn"]),
        ('Runtime runtime = Runtime.getRuntime();\nruntime.exec("a b");', ["spawn a b"]),
        ('executor().exec("x"); // getRuntime elsewhere', []),
        ('System.loadLibrary("x");', ["library x"]),
        ("Runtime.getRuntime().addShutdownHook(t);", ["sigterm addShutdownHook"]),
        ('ZoneId.of("Europe/Rome")', ["zone Europe/Rome"]),
        ("import java.awt.Font;\nimport java.awt.Point;", ["fonts java.awt.Font"]),
        ('// new ProcessBuilder("x")\nString s = """\nnew ProcessBuilder("y")\n""";', []),
        ("import", []),
    ],
)
def test_code(tmp_path: Path, code: str, expected: list[str]) -> None:
    files = {"src/main/java/A.java": code, "src/test/java/B.java": 'new ProcessBuilder("no")'}
    found = survey(context_of(tmp_path, files))
    items = [f"{item.topic.value} {item.value}" for item in found.found]
    items += [f"{'shell' if item.shell else 'spawn'} {' '.join(item.words)}".rstrip() for item in found.spawns]
    assert items == expected
