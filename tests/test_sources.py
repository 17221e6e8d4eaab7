"""What an application's own sources start comes along, and a shell where they cannot do without."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from rewriter.recipes.base import Case
from rewriter.recipes.need import ProgramsNeeded, programs_needed
from tests.cases import case_from

PYTHON = 'FROM python:3.12\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["python", "main.py"]'
NODE = 'FROM node:22\nWORKDIR /app\nCOPY . .\nENTRYPOINT ["node", "main.js"]'
JAVA = 'FROM debian:12\nCOPY . /src\nENTRYPOINT ["java", "-jar", "/a.jar"]'
Files = dict[str, str]


def told(text: str, folder: Path, files: Files) -> str:
    case = case_from(text, folder, files)
    found = programs_needed(case) if isinstance(case, Case) else case
    assert isinstance(found, ProgramsNeeded)
    pieces = [
        " ".join(found.optional),
        f"shell: {' '.join(place.where for place in found.shell)}" if found.shell else "",
        *(f"!{note.rule.name}" for note in found.notes),
    ]
    return " | ".join(piece for piece in pieces if piece)


@pytest.mark.parametrize(
    ("text", "files", "answer"),
    [
        (PYTHON, {"main.py": "import subprocess\nsubprocess.run(['git', 'log'])"}, "git"),
        (PYTHON, {"main.py": "import os\nos.system('convert a b | tee c')"}, "sh convert tee | shell: main.py:2"),
        (PYTHON, {"main.py": "import os\nos.system(x)"}, "sh | shell: main.py:2"),
        (PYTHON, {"main.py": "import subprocess\nsubprocess.run(x)"}, "!sources-start-unnamed-program"),
        (PYTHON, {"main.py": "import subprocess\nsubprocess.run(['/usr/bin/dot'])"}, "/usr/bin/dot"),
        (PYTHON, {"main.py": "from ctypes.util import find_library\nfind_library('x')"}, "ldconfig"),
        (PYTHON, {"requirements.txt": "pdf2image\npython-magic"}, "pdftoppm pdfinfo ldconfig"),
        (PYTHON, {"main.py": "import os\nif os.getppid() == 1: exit()"}, "!parent-compared-with-init"),
        # beside the program, not in it
        (PYTHON, {"scripts/x.py": "import os\nos.system('a')"}, "sh a | !shell-started-by-sources"),
        (PYTHON, {"tests/x.py": "import os\nos.system('a')"}, ""),
        (
            PYTHON.replace("main.py", "scripts/x.py"),
            {"scripts/x.py": "import os\nos.system('a')"},
            "sh a | shell: scripts/x.py:2",
        ),
        # the sources of the language of the command, as far as they are copied
        (PYTHON, {"main.js": "require('child_process').exec('a')"}, ""),
        (PYTHON.replace("COPY . .", "COPY app app"), {"main.py": "import os\nos.system('a')"}, ""),
        (
            'FROM python:3.12 AS b\nCOPY src /src\nFROM debian:12\nCOPY --from=b /src /src\nENTRYPOINT ["python3"]',
            {"src/main.py": "import os\nos.system('a')"},
            "sh a | shell: src/main.py:2",
        ),
        (NODE, {"main.js": "const { execFile } = require('child_process')\nexecFile('git', ['log'])"}, "git"),
        (NODE, {"main.js": "require('child_process').exec('/usr/bin/dot -V')"}, "sh /usr/bin/dot | shell: main.js:1"),
        (NODE, {"main.js": "import cluster from 'cluster'\ncluster.fork()"}, "!program-makes-workers"),
        (NODE, {"package.json": json.dumps({"dependencies": {"fluent-ffmpeg": "1"}})}, "ffmpeg ffprobe"),
        (
            NODE,
            {"package.json": json.dumps({"dependencies": {"systeminformation": "1"}})},
            "sh | shell: package.json",
        ),
        (JAVA, {"A.java": 'class A { void a() { new ProcessBuilder("git", "log"); } }'}, "git"),
    ],
)
def test_table(text: str, files: Files, answer: str, tmp_path: Path) -> None:
    assert told(text, tmp_path, files) == answer


def test_the_decision_names_programs_and_places(tmp_path: Path) -> None:
    case = case_from(PYTHON, tmp_path, {"main.py": "import os\nos.system('a')"})
    found = programs_needed(case) if isinstance(case, Case) else None
    assert isinstance(found, ProgramsNeeded)
    (decision,) = found.decisions
    assert decision.what == "sh, a come along, where the image has them"
    assert decision.why == "the sources start them, some through a shell"
    assert [(place.where, place.quote) for place in decision.evidence] == [("main.py:2", "os.system('a')")]
