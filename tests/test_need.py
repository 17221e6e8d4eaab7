"""Which programs come along for a command: its own, those of its scripts, and when a shell has to."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.plan import Safety
from rewriter.recipes.base import Case
from rewriter.recipes.need import ProgramsNeeded, programs_needed
from tests.cases import case_from

DEBIAN, ALPINE, NODE = "FROM debian:12", "FROM alpine:3.20", "FROM node:22"
Files = dict[str, str]


def needed(text: str, folder: Path, files: Files) -> str:
    """Return the programs as `required | optional | read: scripts | shell`, a `?` for each decision to look at."""
    case = case_from(text, folder, files)
    found = programs_needed(case) if isinstance(case, Case) else case
    if not isinstance(found, ProgramsNeeded):
        return f"declined {found.rule.name}" if hasattr(found, "rule") else found.why
    review = [decision for decision in found.decisions if decision.safety is Safety.REVIEW]
    pieces = [
        " ".join(found.names),
        f"+ {' '.join(found.optional)}" if found.optional else "",
        f"read: {' '.join(found.scripts)}" if found.scripts else "",
        "shell" if found.shell else "",
        *(f"? {decision.evidence[0].where}" for decision in review),
        *(f"!{note.rule.name}" for note in found.notes),
    ]
    return " | ".join(piece for piece in pieces if piece)


ENTRY = '#!/bin/sh\nset -e\nmkdir -p /x && chown a /x\nif [ -n "$A" ]; then curl "$A"; fi\nexec "$@"\n'
ROWS: list[tuple[str, Files, str]] = [
    # a program alone
    (f'{DEBIAN}\nCMD ["nginx"]', {}, "nginx"),
    (f'{DEBIAN}\nCMD ["env", "A=b", "nohup", "./app"]', {}, "env nohup /app"),
    (f'{DEBIAN}\nWORKDIR /w\nCMD ["./app"]', {}, "/w/app"),
    (f"{DEBIAN}\nCMD app --port $PORT", {}, "/bin/sh | + app | shell"),
    (f'{DEBIAN}\nCMD a | tee "$(date)"', {}, "/bin/sh | + a date tee | shell"),
    # a shell's text in the place of an argument
    (f'{DEBIAN}\nENTRYPOINT ["sh", "-c"]\nCMD ["a $B"]', {}, "sh | + a | shell"),
    (f'{DEBIAN}\nENTRYPOINT ["/e"]\nCMD ["-x"]', {}, "/e"),
    # which program, told by a default or not at all
    (f"{DEBIAN}\nENV JAVA_HOME=/j\nCMD $JAVA_HOME/bin/java $X", {}, "/bin/sh | + /j/bin/java | shell"),
    (f"{DEBIAN}\nCMD ${{JAVA:-java}} -jar $X", {}, "/bin/sh | + java | shell"),
    (f"{DEBIAN}\nCMD $JAVA -jar x", {}, "declined program-named-at-run-time"),
    (f"{DEBIAN}\nCMD if", {}, "declined command-unreadable"),
    # a script of the context, and what the context does not show
    (
        f'{DEBIAN}\nCOPY e.sh /\nENTRYPOINT ["/e.sh"]\nCMD ["app"]',
        {"e.sh": ENTRY},
        "/e.sh | + /bin/sh mkdir chown curl app | shell | !script-not-executable",
    ),
    (
        f'{DEBIAN}\nCOPY e.sh /\nRUN chmod +x /e.sh\nENTRYPOINT ["/e.sh"]\nCMD ["production"]',
        {"e.sh": "#!/bin/bash\na; b"},
        "/e.sh | + /bin/bash a b production | shell",
    ),
    (f'{DEBIAN}\nENTRYPOINT ["/e.sh"]\nCMD ["--help"]', {}, "read: /e.sh | shell | ? Dockerfile:3"),
    (f'{DEBIAN}\nWORKDIR /w\nCMD ["bash", "e.sh"]', {}, "bash | read: /w/e.sh | shell | ? Dockerfile:3"),
    (f'{DEBIAN}\nWORKDIR /w\nCOPY . .\nCMD ["bash", "e.sh"]', {"e.sh": "a; b $C"}, "bash /w/e.sh | + a b | shell"),
    (
        f'{DEBIAN}\nCOPY --chmod=755 . /w/\nWORKDIR /w\nCMD ["./e.sh"]',
        {"e.sh": "#!/usr/bin/env bash\n. lib/a.sh; ./b $C", "lib/a.sh": "c", "b": "#!/bin/sh\nd"},
        "/w/e.sh | + /usr/bin/env bash /w/b /bin/sh d /w/lib/a.sh c | shell",
    ),
    (
        f'{DEBIAN}\nCOPY --chmod=755 . /w/\nCMD ["/w/e.sh"]',
        {"e.sh": '#!/bin/sh\n. "$D/a.sh"\n. /etc/default/x\nx $Y', "lib/a.sh": "c"},
        "/w/e.sh | + /bin/sh x /w/lib/a.sh c | read: /etc/default/x | shell",
    ),
    # scripts that cannot be told apart beforehand: the closure reads them, and all others that are there
    (
        f'{DEBIAN}\nCOPY --chmod=755 . /w/\nCMD ["/w/e.sh"]',
        {"e.sh": "#!/bin/sh\nfor f in d/*; do $f; done", "d/1.sh": "a"},
        "/w/e.sh /bin/sh | + /w/d/1.sh a | read: /w/e.sh | shell | ? e.sh:2 | !script-without-interpreter",
    ),
    (
        f'{DEBIAN}\nCOPY --chmod=755 . /w/\nCMD ["/w/e.sh"]',
        {"e.sh": "#!/bin/sh\na\nif"},
        "/w/e.sh | + /bin/sh | read: /w/e.sh | shell | ? e.sh:3",
    ),
    # scripts for other interpreters
    (
        f'{DEBIAN}\nCOPY --chmod=755 e /\nCMD ["/e"]',
        {"e": "#!/usr/bin/env python3\nprint(1)"},
        "/e | + /usr/bin/env python3",
    ),
    (f'{NODE}\nENTRYPOINT ["serve", "-s", "x"]', {}, "serve | + env"),
    (f'{NODE}\nENTRYPOINT ["node", "x.js"]', {}, "node"),
    (
        f'{NODE}\nWORKDIR /w\nENTRYPOINT ["node_modules/.bin/next", "start"]',
        {},
        "/w/node_modules/.bin/next | read: /w/node_modules/.bin/next",
    ),
    # pnpm writes scripts of the shell there
    (
        f'{NODE}\nWORKDIR /w\nCOPY . .\nENTRYPOINT ["node_modules/.bin/next"]',
        {"pnpm-lock.yaml": ""},
        "/w/node_modules/.bin/next | read: /w/node_modules/.bin/next | shell",
    ),
    # what base images ship
    (
        'FROM php:8.4-apache\nCMD ["apache2-foreground"]',
        {},
        "apache2-foreground | + /bin/bash rm mkdir dirname readlink | shell",
    ),
    ('FROM maven:3-eclipse-temurin-21\nCMD ["java", "-jar", "x.jar"]', {}, "java"),
    (
        'FROM redis:7\nCMD ["redis-server"]',
        {},
        "docker-entrypoint.sh | + /bin/sh id find chown gosu redis-server | shell",
    ),
]


@pytest.mark.parametrize(("text", "files", "answer"), ROWS, ids=[row[0].partition("\n")[2] for row in ROWS])
def test_programs(text: str, files: Files, answer: str, tmp_path: Path) -> None:
    assert needed(text, tmp_path, files) == answer


@pytest.mark.parametrize(
    ("base", "lines", "script", "rule"),
    [
        (DEBIAN, 'COPY --chmod=755 e.sh /\nCMD ["/e.sh"]', "#!/bin/sh\r\na $B\r\n", "script-with-carriage-returns"),
        (DEBIAN, 'COPY e.sh /\nCMD ["sh", "/e.sh"]', "#!/bin/sh\na $B\r\n", "script-with-carriage-returns"),
        (DEBIAN, 'COPY e.sh /\nRUN sed -i "s/\\r//" /e.sh\nCMD ["sh", "/e.sh"]', "a $B\r\n", ""),
        (DEBIAN, 'COPY e.sh /\nCMD ["/e.sh"]', "#!/bin/sh\na $B\n", "script-not-executable"),
        (DEBIAN, 'COPY e.sh /\nCMD ["sh", "/e.sh"]', "#!/bin/sh\na $B\n", ""),
        (DEBIAN, 'COPY e.sh /\nRUN chmod 755 /e.sh\nCMD ["/e.sh"]', "#!/bin/sh\na $B\n", ""),
        (DEBIAN, 'COPY --chmod=755 e.sh /\nCMD ["/e.sh"]', "a $B\n", "script-without-interpreter"),
        (DEBIAN, 'COPY --chmod=755 e.sh /\nCMD ["/e.sh"]', "#!/bin/bash\na $B\n", ""),
        (ALPINE, 'COPY --chmod=755 e.sh /\nCMD ["/e.sh"]', "#!/bin/bash\na $B\n", "script-interpreter-missing"),
        (ALPINE, 'RUN apk add bash\nCOPY --chmod=755 e.sh /\nCMD ["/e.sh"]', "#!/bin/bash\na $B\n", ""),
        (ALPINE, 'COPY --chmod=755 e.sh /\nCMD ["/e.sh"]', "#!/bin/ash\na $B\n", ""),
    ],
)
def test_what_is_wrong_with_the_file_of_a_script(base: str, lines: str, script: str, rule: str, tmp_path: Path) -> None:
    case = case_from(f"{base}\n{lines}", tmp_path, {"e.sh": script})
    assert isinstance(case, Case)
    found = programs_needed(case)
    assert isinstance(found, ProgramsNeeded)
    assert [note.rule.name for note in found.notes] == ([rule] if rule else [])


def test_what_comes_along_for_a_shell_is_said_with_the_reason(tmp_path: Path) -> None:
    text = f'{DEBIAN}\nCOPY --chmod=755 e.sh /\nENTRYPOINT ["/e.sh"]\nCMD ["app"]'
    case = case_from(text, tmp_path, {"e.sh": ENTRY})
    found = programs_needed(case) if isinstance(case, Case) else None
    assert isinstance(found, ProgramsNeeded)
    (decision,) = found.decisions
    assert decision.what == "e.sh, sh, mkdir, chown, curl, app come along, where the image has them"
    assert decision.why == "a shell is needed: /e.sh, line 4: the script has branches or loops"
    assert [place.where for place in decision.evidence] == ["e.sh:1"]
