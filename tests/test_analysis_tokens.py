"""The light scanner: rows of source text and what it must see there."""

from __future__ import annotations

import time

import pytest

from rewriter.analysis.tokens import GO, JAVASCRIPT, PYTHON, Group, Syntax, groups, literal_names, scan


def seen(text: str, syntax: Syntax) -> list[str]:
    return [f"{token.kind}:{token.text}" for token in scan(text, syntax)]


@pytest.mark.parametrize(
    ("text", "syntax", "expected"),
    [
        ('a.b("c")', GO, ["name:a", "mark:.", "name:b", "mark:(", "text:c", "mark:)"]),
        ('"a\\"b" c', GO, ['text:a"b', "name:c"]),
        ('"a\\tb\\x41"', GO, ["text:a\tb\\x41"]),
        ("`a\\n`", GO, ["text:a\\n"]),
        ("'\"' x", GO, ['text:"', "name:x"]),
        ('/* " */ a // b\nc', GO, ["name:a", "comment:// b", "name:c"]),
        ('"// no comment"', GO, ["text:// no comment"]),
        ('"open\nnext', GO, ["text:open", "name:next"]),
        ("/* open", GO, []),
        ("`open", GO, ["text:open"]),
        ("a / b / c", JAVASCRIPT, ["name:a", "mark:/", "name:b", "mark:/", "name:c"]),
        ("x = /['\"/]/g.y", JAVASCRIPT, ["name:x", "mark:=", "name:g", "mark:.", "name:y"]),
        ("return /[/]'/.z", JAVASCRIPT, ["name:return", "mark:.", "name:z"]),
        ("(a) / 2", JAVASCRIPT, ["mark:(", "name:a", "mark:)", "mark:/", "name:2"]),
        ("/open\n'x'", JAVASCRIPT, ["mark:/", "name:open", "text:x"]),
        ("`a${`b${c}`}d` e", JAVASCRIPT, ["template:a", "name:e"]),
        ("`a${'}'}` e", JAVASCRIPT, ["template:a", "name:e"]),
        ("`plain\nlines` e", JAVASCRIPT, ["text:plain\nlines", "name:e"]),
        ("`a\\`b`", JAVASCRIPT, ["text:a`b"]),
        ("`open ${", JAVASCRIPT, ["template:open "]),
        ("a # b\nc", PYTHON, ["name:a", "comment:# b", "name:c"]),
        ("a // b", PYTHON, ["name:a", "mark:/", "mark:/", "name:b"]),
        ('"""a\n"b" \\""" c""" d', PYTHON, ['text:a\n"b" """ c', "name:d"]),
        ("'''open", PYTHON, ["text:open"]),
        ("'' x", PYTHON, ["text:", "name:x"]),
    ],
)
def test_tokens(text: str, syntax: Syntax, expected: list[str]) -> None:
    assert seen(text, syntax) == expected


def test_lines_are_counted_through_everything() -> None:
    text = 'a\n/* x\n\n*/ b `\n` c "open\nd // x\ne'
    found = {token.text: token.line for token in scan(text, GO) if token.kind == "name"}
    assert found == {"a": 1, "b": 4, "c": 5, "d": 6, "e": 7}


def shown(group: Group) -> str:
    arguments = [
        repr(a.text) + ("" if a.whole else "...") if a.text is not None else a.name or (list(a.items) or "?")
        for a in group.arguments
    ]
    pairs = "".join(f" {key}={value}" for key, value in group.pairs)
    return f"{group.name}{group.opener} {', '.join(map(str, arguments))}{pairs}"


@pytest.mark.parametrize(
    ("text", "syntax", "expected"),
    [
        ('os.Open("a")', GO, ["os.Open( 'a'"]),
        ('f(x, y.z, "a"+b, g())', GO, ["g( ", "f( x, y.z, 'a'..., ?"]),
        ('f().Static("/", "web")', GO, ["f( ", ".Static( '/', 'web'"]),
        ('os.Open(filepath.Join("a", "b"))', GO, ["filepath.Join( 'a', 'b'", "os.Open( 'a/b'"]),
        ('os.Open(filepath.Join("a", x))', GO, ["filepath.Join( 'a', x", "os.Open( ?"]),
        ('os.Open(filepath.Join("a") + ".x")', GO, ["filepath.Join( 'a'", "os.Open( 'a'..."]),
        ("fiber.Config{Prefork: true}", GO, ["fiber.Config{  Prefork=true"]),
        ("New(Config{A: true, B: x.y})", GO, ["Config{  A=true B=x.y", "New( ? A=true B=x.y"]),
        ('x := f("a")', GO, ["f( 'a'"]),
        ('{ x := "a"; f(b) }', GO, ["f( b", "{ ?, ?"]),
        (
            "spawn('ls', ['-l', x], {shell: true})",
            JAVASCRIPT,
            ["[ '-l', x", "{  shell=true", "spawn( 'ls', ['-l'], ? shell=true"],
        ),
        ("require('a').exec('b')", JAVASCRIPT, ["require( 'a'", ".exec( 'b'"]),
        ("exec(`convert ${x}`)", JAVASCRIPT, ["exec( 'convert '..."]),
        ("a?.b('c')", JAVASCRIPT, [".b( 'c'"]),
        ("f(a ? 'b' : 'c')", JAVASCRIPT, ["f( ?"]),
        (")]} f(", GO, []),
        ('f("a"', GO, []),
    ],
)
def test_groups(text: str, syntax: Syntax, expected: list[str]) -> None:
    assert [shown(group) for group in groups(scan(text, syntax), syntax)] == expected


def test_constants_stand_for_their_literal() -> None:
    tokens = list(scan('const dir = "web"\nopen(dir, dir.x, other)', GO))
    assert literal_names(tokens) == {"dir": "web"}
    assert [shown(group) for group in groups(tokens, GO, {"dir": "web"})] == ["open( 'web', dir.x, other"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ('a := "x"', {"a": "x"}),
        ('a = "x"; b = "y"', {"a": "x", "b": "y"}),
        ('a := "x"\na = "y"', {}),
        ('a := "x"\na = f()', {}),
        ('a := "x"\na = "x"', {"a": "x"}),
        ('a := "x" +\nb', {}),
        ('if a == "x" {', {}),
        ('const (\n a = "x" // why\n)', {"a": "x"}),
    ],
)
def test_literal_names(text: str, expected: dict[str, str]) -> None:
    assert literal_names(scan(text, GO)) == expected


def test_deep_and_broken_texts_take_linear_time() -> None:
    started = time.process_time()
    for text in (
        '"""' + "\\" * 10_000,
        '"""' + '"' * 10_001,
        "(" * 10_000,
        "a(" * 10_000 + ")" * 10_000,
        "`${" * 10_000,
        "/*" * 10_000,
        "'" * 10_001,
        "=/[" * 2_000,
    ):
        for syntax in (GO, JAVASCRIPT, PYTHON):
            list(groups(scan(text, syntax), syntax))
    assert time.process_time() - started < 3
