"""JavaScript and TypeScript sources: rows of code and what must be seen in it."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.analysis.found import Survey
from rewriter.analysis.node_source import survey
from tests.contexts import context_of


def shown(found: Survey) -> list[str]:
    items = [f"{item.topic.value} {item.value}".rstrip() for item in found.found]
    return items + [f"{'shell' if item.shell else 'spawn'} {' '.join(item.words)}".rstrip() for item in found.spawns]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("const { exec } = require('child_process');\nexec('ls | wc')", ["shell ls | wc"]),
        ("const {exec: run} = require('node:child_process')\nrun(`convert ${x}`)", ["shell convert"]),
        ("const cp = require('child_process')\ncp.execSync('git log')", ["shell git log"]),
        ("const cp = require('child_process')\ncp.spawn('git', ['log', x])", ["spawn git log"]),
        ("import { spawn } from 'child_process'\nspawn('git', ['log'])", ["spawn git log"]),
        ("import { spawn as s, execFile } from 'child_process'\ns('a')\nexecFile('b')", ["spawn a", "spawn b"]),
        ("import * as cp from 'node:child_process'\ncp.spawnSync('git')", ["spawn git"]),
        ("import cp from 'child_process'\ncp.exec(command)", ["shell"]),
        ("import { spawn } from 'child_process'\nspawn('a b', { shell: true })", ["shell a b"]),
        ("import { spawn } from 'child_process'\nspawn('a', [], { shell: false })", ["spawn a"]),
        ("import { spawn } from 'child_process'\nspawn('sh', ['-c', 'a && b'])", ["shell a && b"]),
        ("import { spawn } from 'child_process'\nspawn(name, ['x'])", ["spawn"]),
        ("const tool = 'dot'\nimport { spawn } from 'child_process'\nspawn(tool)", ["spawn dot"]),
        ("require('child_process').exec('ls')", ["shell ls"]),
        ("const exec = require('child_process').exec\nexec('ls')", ["shell ls"]),
        ("const { exec } = require('child_process')\nconst run = util.promisify(exec)\nrun('ls')", ["shell ls"]),
        ("const run = promisify(require('child_process').exec);\n/x/.exec(y);\nfind().exec(z);run(c)", ["shell"]),
        (
            "import { execFile } from 'child_process'\nconst f = promisify(execFile)\nf('pdftotext')",
            ["spawn pdftotext"],
        ),
        ("const m = /a/.exec('ls')\nre.exec('x') // child_process", []),
        ("// const { exec } = require('child_process'); exec('ls')", []),
        ("const s = \"require('child_process').exec('ls')\"", []),
        ("import shell from 'shelljs'\nshell.exec('ls')", ["shell ls"]),
        ("import { execa } from 'execa'\nexeca('git', ['log'])", ["spawn git log"]),
        ("const execa = require('execa')\nexeca('git')\nexeca.command('git log')", ["spawn git", "spawn git log"]),
        ("import spawn from 'cross-spawn'\nspawn.sync('git', ['x'])", ["spawn git x"]),
        ("process.on('SIGTERM', stop)", ["sigterm process.on"]),
        ("process.on('SIGINT', stop) // SIGTERM", []),
        ("if (process.ppid === 1) exit()", ["parent == 1"]),
        ("const p = process.ppid", ["parent"]),
        ("app.listen(3000, () => {})", ["port 3000"]),
        ("app.listen(process.env.PORT || 3000)", []),
        ("if (cluster.isPrimary) cluster.fork()", ["prefork cluster.fork"]),
    ],
)
def test_code(tmp_path: Path, code: str, expected: list[str]) -> None:
    found = survey(context_of(tmp_path, {"src/app.ts": f"{code}\n"}))
    assert shown(found) == expected
    assert found.problems == ()


def test_evidence_and_what_is_passed_over(tmp_path: Path) -> None:
    code = "const { exec } = require('child_process')\n\n  exec('ls')\n"
    names = (
        "a.js",
        "lib/b.tsx",
        "node_modules/x/c.js",
        "dist/d.js",
        "lib/e.test.js",
        "lib/f.d.ts",
        "jest.config.js",
        "g.min.js",
        "h.txt",
    )
    context = context_of(tmp_path, {**dict.fromkeys(names, code), "bundle.js": code + "x" * 6000})
    assert [(s.evidence.where, s.evidence.quote) for s in survey(context).spawns] == [
        ("a.js:3", "exec('ls')"),
        ("lib/b.tsx:3", "exec('ls')"),
    ]
    assert [s.evidence.where for s in survey(context, ("dist", "lib/e.test.js", "none.js")).spawns] == [
        "dist/d.js:3",
        "lib/e.test.js:3",
    ]


@pytest.mark.parametrize(
    "code",
    [
        "from 'child_process'",
        "require('child_process')",
        "require('child_process').",
        "require('child_process').nothing('x')",
        "= promisify(",
        "promisify",
        "import {",
        "const { exec:",
        "} = require('child_process'",
        "",
    ],
)
def test_broken_code_is_no_trouble(tmp_path: Path, code: str) -> None:
    assert shown(survey(context_of(tmp_path, {"a.js": code + " // child_process"}))) == []
