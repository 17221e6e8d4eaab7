"""Python sources: rows of code and what must be seen in it."""

from __future__ import annotations

import subprocess
import sys
import time
from pathlib import Path

import pytest

from rewriter.analysis.found import Survey
from rewriter.analysis.python_source import survey
from tests.contexts import context_of


def shown(found: Survey) -> list[str]:
    items = [f"{item.topic.value} {item.value}".rstrip() for item in found.found]
    return items + [f"{'shell' if item.shell else 'spawn'} {' '.join(item.words)}".rstrip() for item in found.spawns]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('import os\nos.system("ls | wc")', ["shell ls | wc"]),
        ('from os import system\nsystem("ls")', ["shell ls"]),
        ('import os as o\no.popen(f"cat {x}")', ["shell cat"]),
        ("import os\nos.system(command)", ["shell"]),
        ('import subprocess\nsubprocess.run("a b", shell=True)', ["shell a b"]),
        ('import subprocess\nsubprocess.run(["a b"], shell=True)', ["shell a b"]),
        ('import subprocess\nsubprocess.run(["git", "log", x, "y"])', ["spawn git log"]),
        ('import subprocess as sp\nsp.check_output(("git",), shell=False)', ["spawn git"]),
        ('import subprocess\nsubprocess.run(args=["git"])', ["spawn git"]),
        ('import subprocess\nsubprocess.Popen("ls")', ["spawn ls"]),
        ("from subprocess import Popen\nPopen(words)", ["spawn"]),
        ('import subprocess, shlex\nsubprocess.run(shlex.split("ls -l"))', ["spawn ls -l"]),
        ('import subprocess, shlex\nsubprocess.run(shlex.split("\'"))', ["spawn"]),
        ('import subprocess\nsubprocess.run(["sh", "-c", "a && b"])', ["shell a && b"]),
        ('import subprocess\nsubprocess.run(["bash", "x.sh"])', ["spawn bash x.sh"]),
        ('import subprocess\nsubprocess.getoutput("ls")', ["shell ls"]),
        ('import asyncio\nasyncio.create_subprocess_exec("git", "log", *x)', ["spawn git log"]),
        ('import asyncio\nasyncio.create_subprocess_shell("a;b")', ["shell a;b"]),
        ('import shutil\nshutil.which("ffmpeg")', ["spawn ffmpeg"]),
        ('import os\nos.execvp("git", ["git", "x"])', ["spawn git git x"]),
        ('self.system("x")\nos.systemd', []),
        ('# os.system("x")\ny = "os.system"', []),
        ('import ctypes.util\nctypes.util.find_library("magic")', ["library magic"]),
        ('from ctypes.util import find_library\nfind_library("magic")', ["library magic"]),
        ('from ctypes import CDLL, cdll\nCDLL("libx.so")\ncdll.LoadLibrary(n)', ["library libx.so", "library"]),
        ("import os\nif os.getppid() == 1: pass", ["parent == 1"]),
        ("import os\nwhile os.getppid() != 1: pass", ["parent == 1"]),
        ("import os\np = os.getppid()", ["parent"]),
        ("import signal\nsignal.signal(signal.SIGTERM, f)", ["sigterm signal.signal"]),
        ("from signal import SIGTERM, signal\nsignal(SIGTERM, f)", ["sigterm signal.signal"]),
        ("import signal\nloop.add_signal_handler(signal.SIGTERM, f)", ["sigterm loop.add_signal_handler"]),
        ("import signal\nsignal.signal(signal.SIGINT, f)", []),
        ('from zoneinfo import ZoneInfo\nZoneInfo("Europe/Rome")', ["zone Europe/Rome"]),
        ('import locale\nlocale.setlocale(locale.LC_ALL, "de_DE.UTF-8")', ["locale de_DE.UTF-8"]),
        ("import pwd\npwd.getpwnam(n)", ["user pwd.getpwnam"]),
        ("app = Flask(__name__)", ["framework flask"]),
        ("api = fastapi.FastAPI()", ["framework fastapi"]),
        ("def Flask(x): pass", []),
        ("application = get_wsgi_application()", ["framework django"]),
    ],
)
def test_code(tmp_path: Path, code: str, expected: list[str]) -> None:
    found = survey(context_of(tmp_path, {"app.py": f"{code}\n"}))
    assert shown(found) == expected
    assert found.problems == ()


def test_evidence_names_the_line(tmp_path: Path) -> None:
    found = survey(context_of(tmp_path, {"pkg/app.py": "import os\n\nif x:\n    os.system('ls')  # why\n"}))
    assert [(s.evidence.where, s.evidence.quote) for s in found.spawns] == [("pkg/app.py:4", "os.system('ls')  # why")]


def test_roots_and_what_is_passed_over(tmp_path: Path) -> None:
    code = "import os\nos.system('ls')\n"
    names = ("a/x.py", "b/y.py", "tests/z.py", "a/test_x.py", "venv/lib/w.py", "setup.py", "b/notes.txt")
    context = context_of(tmp_path, dict.fromkeys(names, code))
    assert [s.evidence.where for s in survey(context).spawns] == ["a/x.py:2", "b/y.py:2"]
    assert [s.evidence.where for s in survey(context, ("b",)).spawns] == ["b/y.py:2"]
    assert [s.evidence.where for s in survey(context, ("b/y.py", "none.py", "none")).spawns] == ["b/y.py:2"]


@pytest.mark.parametrize(
    ("body", "problem"),
    [
        ("print 'python 2'", "app.py: line 2 is not understood"),
        ("x = " + "(" * 5000 + ")" * 5000, "app.py nests too deeply to be read"),
        ("x = " + "-" * 50000 + "1", "app.py nests too deeply to be read"),
        ("x = (" + "1+\n" * 30000 + "1)", "app.py nests too deeply to be read"),
        ("x = 1" + "+\\\n1" * 30000, "app.py nests too deeply to be read"),
        ("if 1: pass\n" + "elif 1: pass\n" * 5000, "app.py nests too deeply to be read"),
        ("x = a" + ".b" * 5000, "app.py nests too deeply to be read"),
        ("x = f'" + "{a:" * 3000 + "}" * 3000 + "'", "app.py nests too deeply to be read"),
        ("x = " + "lambda: " * 3000 + "1", "app.py nests too deeply to be read"),
        ("\udcff", "app.py: line 1 is not understood"),
    ],
)
def test_broken_and_hostile_files_are_named(tmp_path: Path, body: str, problem: str) -> None:
    text = f"import os.system # os.system\n{body}\n".encode("utf-8", "surrogateescape")
    started = time.process_time()
    found = survey(context_of(tmp_path, {"app.py": text}))
    assert time.process_time() - started < 3
    assert found.problems == (problem,)


def test_a_long_flat_file_is_no_trouble(tmp_path: Path) -> None:
    data = "import os\nx = [\n" + "    {'a': 1, 'b': [1, 2]},\n" * 500 + "]\nos.system('ls')\n"
    found = survey(context_of(tmp_path, {"app.py": data}))
    assert shown(found) == ["shell ls"]


def test_libcst_is_not_loaded_for_nothing(tmp_path: Path) -> None:
    context_of(tmp_path, {"app.py": "from flask import Flask\napp = Flask(__name__)\n"})
    script = (
        "import sys; from pathlib import Path; from rewriter.analysis.context import Context;"
        "from rewriter.analysis.python_source import survey;"
        f"survey(Context.open(Path({str(tmp_path)!r}))); print('libcst' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout == "False\n"
