"""What the filters of the templates write, and that the resolver reads the same values back, whatever the escape is."""

from __future__ import annotations

import json
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter import quoting
from rewriter.images.model import Exec, Healthcheck, ImageRef, Shell, Unknown
from rewriter.plan import Copy
from rewriter.semantics.build import Build, CopyStep, Stage
from rewriter.semantics.resolve import resolve
from rewriter.syntax.scanner import parse

ESCAPES = ("\\", "`")
SECOND = 1_000_000_000

# What a value may hold: the characters with a meaning somewhere, and any other that a line can hold.
TEXT = st.text(
    st.one_of(
        st.sampled_from("$'\"\\`{}[]*?<>=#, \t&;|~é/a-"),
        st.characters(blacklist_categories=["Cs"], blacklist_characters="\n\r\0\ufeff"),
    ),
    min_size=1,
    max_size=12,
)

WORDS = [
    ("/app", "/app"),
    ("app:app", "app:app"),
    ("/my app", '"/my app"'),
    ("it's", '"it\'s"'),
    ("$HOME", "'$HOME'"),
    ("C:\\dir\\", "'C:\\dir\\'"),
    ("`id`", "'`id`'"),
    ('say "it\'s $5"', "'say \"it'\"'\"'s $5\"'"),
]
COPIES = [
    (Copy("build", ("/app",), "/app"), "--from=build /app /app"),
    (Copy("build", ("/a", "/b"), "/to/"), "--from=build /a /b /to/"),
    (Copy("build", ("/app/*.jar",), "/app.jar"), "--from=build /app/*.jar /app.jar"),
    (Copy("build", ("/app/[id].js",), "/app/[id].js"), "--from=build /app/[[]id].js /app/[id].js"),
    (Copy("build", ("/app",), "/app", "1000:1000", "0755"), "--from=build --chown=1000:1000 --chmod=0755 /app /app"),
    (Copy("build", ("/my app",), "/app"), '--from=build ["\\"/my app\\"", "/app"]'),
    (Copy("build", ("/a $b",), "/$c"), "--from=build [\"'/a $b'\", \"'/$c'\"]"),
    (Copy("build", ("/a$b",), "/c"), "--from=build '/a$b' /c"),
]
CHECKS = [
    (Healthcheck("NONE", None), "NONE"),
    (Healthcheck("CMD", Exec(("curl", "-f", "http://localhost/"))), 'CMD ["curl", "-f", "http://localhost/"]'),
    (Healthcheck("CMD-SHELL", Shell(" [ -f /ok ] || exit 1 ")), "CMD [ -f /ok ] || exit 1"),
    (
        Healthcheck("CMD", Exec(("/ok",)), 90 * SECOND, SECOND // 2, 3600 * SECOND, 1, 3),
        '--interval=1m30s --timeout=500ms --start-period=1h --start-interval=1ns --retries=3 CMD ["/ok"]',
    ),
]
REFUSED = [
    (quoting.shell_patterns, ["a\n*"]),
    (quoting.shell_words, ["a\nb"]),
    (quoting.shell_words, ["a\0"]),
    (quoting.exec_form, ["\0"]),
    (quoting.exec_form, ["\udcff"]),
    (quoting.word, ""),
    (quoting.word, "/a\nUSER 0"),
    (quoting.env_pairs, ()),
    (quoting.env_pairs, (("", "a"),)),
    (quoting.env_pairs, (("A B", "a"),)),
    (quoting.env_pairs, (("A=B", "a"),)),
    (quoting.env_pairs, (("$A", "a"),)),
    (quoting.env_pairs, (("A", "a\nRUN b"),)),
    (quoting.label_pairs, ()),
    (quoting.label_pairs, (("", "a"),)),
    (quoting.label_pairs, (("a=b", "a"),)),
    (quoting.label_pairs, (("a", "a\r"),)),
    (quoting.copy_line, Copy("build", (), "/a")),
    (quoting.copy_line, Copy("build", ("",), "/a")),
    (quoting.copy_line, Copy("build", ("--chown=0",), "/a")),
    (quoting.copy_line, Copy("build", ("/a\n",), "/a")),
    (quoting.copy_line, Copy("build stage", ("/a",), "/a")),
    (quoting.copy_line, Copy("build", ("/a",), "/a", "$USER")),
    (quoting.healthcheck, Healthcheck("CMD", None)),
    (quoting.healthcheck, Healthcheck("CMD-SHELL", Shell(""))),
    (quoting.healthcheck, Healthcheck("CMD-SHELL", Shell('["a"]'))),
    (quoting.healthcheck, Healthcheck("CMD-SHELL", Shell("a\nb"))),
    (quoting.healthcheck, Healthcheck("CMD-SHELL", Shell("a \\"))),
    (quoting.healthcheck, Healthcheck("CMD-SHELL", Shell("a `"))),
]


@pytest.mark.parametrize(("value", "written"), WORDS)
def test_word(value: str, written: str) -> None:
    assert quoting.word(value) == written


def test_pairs() -> None:
    assert quoting.env_pairs((("A", "b"), ("C", "d e"), ("E", ""))) == 'A=b C="d e" E=""'
    assert quoting.label_pairs((("com.example.note", "a $b"), ("a key", "c"))) == "com.example.note='a $b' \"a key\"=c"


@pytest.mark.parametrize(("copy", "written"), COPIES)
def test_copy_line(copy: Copy, written: str) -> None:
    assert quoting.copy_line(copy) == written


@pytest.mark.parametrize(("check", "written"), CHECKS)
def test_healthcheck(check: Healthcheck, written: str) -> None:
    assert quoting.healthcheck(check) == written


@pytest.mark.parametrize(("write", "value"), REFUSED)
def test_refused(write: object, value: object) -> None:
    assert callable(write)
    with pytest.raises(ValueError, match=r"."):
        write(value)


@pytest.mark.parametrize("escape", ESCAPES)
@given(value=TEXT)
def test_words_and_pairs_are_read_back(escape: str, value: str) -> None:
    lines = (
        f"ENV {quoting.env_pairs((('A', value), ('B', value + '/b')))}",
        f"LABEL {quoting.label_pairs((('note', value),))}",
        f"WORKDIR {quoting.word('/' + value)}",
        f"USER {quoting.word(value)}",
    )
    config = stage_of(escape, *lines).config
    assert config.env[-2:] == (("A", value), ("B", value + "/b"))
    assert config.labels == (("note", value),)
    assert config.workdir == "/" + value
    assert config.user == value


@pytest.mark.parametrize("escape", ESCAPES)
@given(argv=st.lists(TEXT, min_size=1, max_size=3))
def test_exec_forms_are_read_back(escape: str, argv: list[str]) -> None:
    config = stage_of(escape, f"CMD {quoting.exec_form(argv)}", f"ENTRYPOINT {quoting.exec_form(argv)}").config
    assert config.entrypoint == Exec(tuple(argv))
    assert json.loads(quoting.exec_form(argv)) == argv


@pytest.mark.parametrize("escape", ESCAPES)
@given(source=TEXT, target=TEXT)
def test_paths_are_read_back(escape: str, source: str, target: str) -> None:
    target = f"/t{target.replace('/', '-')}y"
    line = quoting.copy_line(Copy("a", ("/" + source,), target))
    (step,) = stage_of(escape, f"COPY {line}").steps
    assert isinstance(step, CopyStep)
    assert step.sources == ("/" + source.replace("[", "[[]"),)
    assert step.target == target


@pytest.mark.parametrize(
    ("pattern", "written"),
    [
        ("/opt/yarn-v*", "/opt/yarn-v*"),
        ("/a b/*/c", "'/a b/'*/c"),
        ("/a$x*", "'/a$x'*"),
        ("/plain", "/plain"),
    ],
)
def test_a_star_stays_a_pattern(pattern: str, written: str) -> None:
    assert quoting.shell_patterns([pattern]) == written


@given(words=st.lists(TEXT, max_size=4))
def test_shell_words_are_read_back(words: list[str]) -> None:
    assert shlex.split(quoting.shell_words(words)) == words


def stage_of(escape: str, *lines: str) -> Stage:
    text = "\n".join((f"# escape={escape}", "FROM scratch AS a", "FROM scratch", *lines, ""))
    build = resolve(parse(text), nothing_known)
    assert isinstance(build, Build)
    return build.target


def nothing_known(ref: ImageRef) -> Unknown:
    return Unknown(ref.written, "no image is known here")
