"""Go sources: rows of code and what must be seen in it, and small trees of packages."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.analysis import go_source
from rewriter.analysis.context import Context
from rewriter.analysis.found import Survey, Topic
from rewriter.analysis.go_constraint import is_built
from rewriter.analysis.go_module import parse_module, program_name
from rewriter.analysis.go_source import survey
from tests.contexts import context_of

HEAD = """package main

import (
	"crypto/tls"
	"flag"
	tmpl "html/template"
	"net/http"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/gofiber/fiber/v2"
	"github.com/joho/godotenv"
)
"""
BASE = {"crypto/tls", "net/http"}  # what the head itself gives


def shown(found: Survey) -> list[str]:
    items = [f"{item.topic.value} {item.value}".rstrip() for item in found.found if item.value not in BASE]
    return items + [f"{'shell' if item.shell else 'spawn'} {' '.join(item.words)}".rstrip() for item in found.spawns]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ('os.Open("data/x.json")', ["asset data/x.json"]),
        ('os.ReadFile(filepath.Join("data", "x.json"))', ["asset data/x.json"]),
        ('os.ReadFile("data/" + name)', []),
        ('const dir = "web"\nhttp.FileServer(http.Dir(dir))', ["asset web"]),
        ('tmpl.ParseFiles("a.html", "b.html")', ["asset a.html", "asset b.html"]),
        ('tmpl.Must(tmpl.New("x").ParseGlob("views/*.html"))', ["asset views/*.html"]),
        ('r.Static("/assets", "./public")', ["asset ./public"]),
        ('r.LoadHTMLGlob("templates/**/*")', ["asset templates/**/*"]),
        ('e.File("/", "index.html")', ["asset index.html"]),
        ("godotenv.Load()", ["asset .env"]),
        ('godotenv.Load("conf/.env")', ["asset conf/.env"]),
        ('m.AddConfigPath("./conf")', ["asset ./conf"]),
        ('os.Open("/proc/self/stat")', []),
        ('http.Get("https://example.org")', ["tls net/http.Get"]),
        ('flag.String("config", "config.yaml", "")', ["asset config.yaml"]),
        ('flag.String("addr", "localhost", "")', []),
        ('os.Create("out/log.txt")', ["write out/log.txt"]),
        ('os.MkdirTemp("", "x")', ["write /tmp"]),
        ('// os.Open("a")', []),
        ('x := `os.Open("a")`', []),
        ('exec.Command("git", "log", arg)', ["spawn git log"]),
        ('exec.CommandContext(ctx, "sh", "-c", "ls | wc")', ["shell ls | wc"]),
        ('exec.Command("/bin/bash", "-ec", script)', ["shell"]),
        ('exec.Command("bash", "run.sh")', ["spawn bash run.sh"]),
        ("exec.Command(name)", ["spawn"]),
        ('exec.LookPath("dot")', ["spawn dot"]),
        ("if os.Getppid() == 1 { }", ["parent == 1"]),
        ("p := os.Getppid()", ["parent"]),
        ("x.Getppid()", []),
        ("fiber.New(fiber.Config{Prefork: true})", ["prefork fiber.Config.Prefork"]),
        ("fiber.New(fiber.Config{Prefork: *prefork})", ["prefork fiber.Config.Prefork"]),
        ("fiber.New(fiber.Config{Prefork: false})", []),
        ("app.Settings.Prefork = true", ["prefork Prefork"]),
        ("if cfg.Prefork == true { }", []),
        ("app.Listen(addr, fiber.ListenConfig{EnablePrefork: true})", ["prefork fiber.ListenConfig.EnablePrefork"]),
        ("signal.Notify(c, os.Interrupt, syscall.SIGTERM)", ["sigterm os/signal.Notify"]),
        ("signal.Notify(c, os.Interrupt)", []),
        ("signal.Notify(c)", ["sigterm os/signal.Notify"]),
        ("ctrl.SetupSignalHandler()", ["sigterm ctrl.SetupSignalHandler"]),
        ('time.LoadLocation("Europe/Rome")', ["zone Europe/Rome"]),
        ("time.LoadLocation(name)", ["zone"]),
        ('http.ListenAndServe(":8080", nil)', ["port 8080"]),
        ('app.Listen("0.0.0.0:3000")', ["port 3000"]),
        ('t.Run("case: 1", f)', []),
        ("//go:embed web/* index.html\nvar files embed.FS", ["embed web/*", "embed index.html"]),
        ('tls.LoadX509KeyPair("a.crt", "a.key")', ["asset a.crt", "asset a.key"]),
    ],
)
def test_code(tmp_path: Path, code: str, expected: list[str]) -> None:
    context = context_of(
        tmp_path, {"go.mod": "module example.org/app\n", "main.go": f"{HEAD}\nfunc f() {{\n{code}\n}}\n"}
    )
    assert shown(survey(context).code) == expected


def test_evidence_names_the_line(tmp_path: Path) -> None:
    code = 'package main\n\nimport "os"\n\nfunc main() {\n\tos.Open("a.txt")  \n}\n'
    found = survey(context_of(tmp_path, {"go.mod": "module x.y/z", "cmd/a/main.go": code})).code.found
    assert [(item.evidence.where, item.evidence.quote) for item in found] == [("cmd/a/main.go:6", 'os.Open("a.txt")')]


TREE = {
    "go.mod": """module "example.org/app/v2"

go 1.22.1 // x
toolchain go1.23.0

require (
	gorm.io/driver/sqlite v1.5.0
	github.com/mattn/go-sqlite3 v1.14.0 // indirect
)
require a.b/c v0.1.0
replace a.b/c => ./third/c
replace d.e/f => d.e/g v1.0.0
""",
    "main.go": 'package main\nimport ("example.org/app/v2/internal/store"; "a.b/c/deep")\nfunc main() {}\n',
    "main_test.go": 'package main\nimport "C"\n',
    "internal/store/store.go": 'package store\nimport _ "github.com/mattn/go-sqlite3"\n',
    "internal/unused/unused.go": 'package unused\nimport "C"\n',
    "third/c/go.mod": "module a.b/c\n",
    "third/c/deep/deep.go": 'package deep\nimport "net"\n',
    "cmd/tool/main.go": 'package main\nimport "example.org/app/v2/internal/unused"\nfunc main() {}\n',
    "gen.go": "//go:build ignore\n\npackage main\n",
    "vendor/x/main.go": "package main\n",
    "testdata/main.go": "package main\n",
    "README.md": "package main",
}


def test_imports_are_followed_from_the_roots(tmp_path: Path) -> None:
    context = context_of(tmp_path, TREE)
    found = survey(context, ("",))
    assert found.mains == {"": "app", "cmd/tool": "tool"}
    assert [package.directory for package in found.packages] == ["", "internal/store", "third/c/deep"]
    assert [(item.value, item.evidence.where) for item in found.code.of(Topic.NATIVE)] == [
        ("github.com/mattn/go-sqlite3", "internal/store/store.go:2"),
        ("gorm.io/driver/sqlite", "go.mod:7"),
    ]
    assert [item.value for item in found.code.of(Topic.RESOLVER)] == ["net"]
    assert found.code.problems == ()
    everything = survey(context)
    assert "C" in [item.value for item in everything.code.of(Topic.NATIVE)]


def test_module_file() -> None:
    module = parse_module("sub", TREE["go.mod"])
    assert (module.path, module.go, module.toolchain) == ("example.org/app/v2", "1.22.1", "go1.23.0")
    assert [(r.path, r.version, r.indirect, r.evidence.where) for r in module.requires] == [
        ("gorm.io/driver/sqlite", "v1.5.0", False, "sub/go.mod:7"),
        ("github.com/mattn/go-sqlite3", "v1.14.0", True, "sub/go.mod:8"),
        ("a.b/c", "v0.1.0", False, "sub/go.mod:10"),
    ]
    assert module.replaces == (("a.b/c", "sub/third/c"),)


def test_vendored_packages_are_followed(tmp_path: Path) -> None:
    files = {
        "go.mod": "module example.org/app",
        "main.go": 'package main\nimport "q.r/s"\n',
        "vendor/q.r/s/s.go": 'package s\nimport "C"\nimport "os"\nfunc f() { os.Open("x") }\n',
    }
    found = survey(context_of(tmp_path, files))
    assert [item.evidence.where for item in found.code.of(Topic.NATIVE)] == ["vendor/q.r/s/s.go:2"]
    assert found.code.of(Topic.ASSET) == ()


def test_what_is_not_looked_into_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(go_source, "_MOST_SCANNED", 10)
    files = {"go.mod": "module a.b/c", "main.go": 'package main\nimport "os"\nfunc main() { os.Open("x") }\n'}
    found = survey(context_of(tmp_path, files)).code
    assert found.of(Topic.ASSET) == ()
    assert found.problems == ("the Go sources are too large to look into all of them",)


def test_without_a_module_all_packages_count(tmp_path: Path) -> None:
    files = {
        "main.go": 'package main\nimport "github.com/me/app/store"\n',
        "store/store.go": 'package store\nimport "C"\n',
        "vendor/a.b/c/c.go": 'package c\nimport "C"\n',
    }
    found = survey(context_of(tmp_path, files))
    assert found.modules == ()
    assert [item.evidence.where for item in found.code.of(Topic.NATIVE)] == ["store/store.go:2"]


@pytest.mark.parametrize(
    ("path", "expected"),
    [
        ("example.org/tool", "tool"),
        ("example.org/tool/v2", "tool"),
        ("example.org/tool/v1", "v1"),
        ("example.org/tool/v02", "v02"),
        ("example.org/tool/cmd/x", "x"),
        ("v2", "v2"),
        ("tool", "tool"),
        ("gopkg.in/tool.v2", "tool.v2"),
    ],
)
def test_program_name(path: str, expected: str) -> None:
    assert program_name(path) == expected


@pytest.mark.parametrize(
    ("name", "head", "tags", "expected"),
    [
        ("a.go", "", "", True),
        ("a_linux.go", "", "", True),
        ("a_windows.go", "", "", False),
        ("a_arm64.go", "", "", True),
        ("a_s390x.go", "", "", False),
        ("a_linux_arm64.go", "", "", True),
        ("a_darwin_arm64.go", "", "", False),
        ("linux.go", "", "", True),
        ("windows.go", "", "", True),
        ("a_unix.go", "", "", True),
        ("a.go", "//go:build ignore", "", False),
        ("a.go", "//go:build linux && !arm64", "", True),
        ("a.go", "//go:build windows || (linux && cgo)", "", True),
        ("a.go", "//go:build !cgo", "", True),
        ("a.go", "//go:build !linux", "", False),
        ("a.go", "//go:build !(linux || darwin)", "", False),
        ("a.go", "//go:build go1.18", "", True),
        ("a.go", "//go:build !go1.18", "", False),
        ("a.go", "//go:build integration", "", False),
        ("a.go", "//go:build integration", "integration", True),
        ("a.go", "// +build ignore", "", False),
        ("a.go", "// +build linux,amd64 darwin", "", True),
        ("a.go", "// +build !linux", "", False),
        ("a.go", "// +build linux\n// +build !amd64", "", True),
        ("a.go", "//go:build linux\n// +build ignore", "", True),
        ("a.go", "// a comment on //go:build ignore", "", True),
        ("a.go", "//go:build " + "(" * 5000, "", True),
        ("a.go", "//go:build", "", True),
        ("a.go", "//go:build && ||", "", False),
    ],
)
def test_constraints(name: str, head: str, tags: str, *, expected: bool) -> None:
    assert is_built(name, f"{head}\n\npackage a\n//go:build ignore\n", frozenset(tags.split())) == expected


def test_broken_sources_are_no_trouble(tmp_path: Path) -> None:
    files: dict[str, str | bytes] = {
        "go.mod": b"module\n)\nrequire (\n\xff\n",
        "a.go": b"\xff\xfe",
        "b.go": "package",
        "c.go": 'import "a"',
        "d.go": 'package main\nimport (\n"os"\nfunc main() { os.Open("x"',
    }
    found = survey(context_of(tmp_path, files))
    assert found.mains == {"": ""}


def test_no_context_no_findings() -> None:
    found = survey(Context.empty())
    assert found.programs == found.packages == ()
    assert found.code.found == ()
