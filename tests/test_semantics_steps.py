"""What later stages rely on: what is in force at each step, what a COPY brings from where, which platform is meant."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from rewriter.images.model import Exec, ImageConfig, ImageRef, KnownImage, Shell, Unknown
from rewriter.semantics.build import Build, CopyStep, RunStep, SetStep, Stage, Step
from rewriter.semantics.resolve import images_of, resolve
from rewriter.syntax.document import Problem
from rewriter.syntax.scanner import parse

IMAGES = {
    "base": ImageConfig(user="nobody", workdir="/srv", env=(("PATH", "/bin"), ("A", "0"))),
    "ash": ImageConfig(shell=("/bin/ash", "-c")),  # noqa: S604, this starts nothing
    "trigger": ImageConfig(onbuild=("COPY . /src", "RUN make", "COPY --from=tools /t /t")),
    "bad-trigger": ImageConfig(onbuild=("FROM base",)),
    "two-triggers": ImageConfig(onbuild=("RUN a\nRUN b",)),
    "copies-from-later": ImageConfig(onbuild=("COPY --from=later /a /a",)),
}


def look_up(ref: ImageRef) -> KnownImage | Unknown:
    config = IMAGES.get(ref.written)
    if config is None:
        return Unknown(ref.written, "not in this table")
    return KnownImage(ref, config, "table", None, None, None, None, has_shell=True)


def build_of(text: str, *, target: str | None = None, args: Mapping[str, str] | None = None) -> Build:
    found = resolve(parse(text), look_up, target=target, args=args or {})
    assert isinstance(found, Build), found
    return found


def problem_of(text: str, *, target: str | None = None) -> Problem:
    found = resolve(parse(text), look_up, target=target)
    assert isinstance(found, Problem), found
    return found


def step_of(text: str) -> Step:
    """The last step of the target of a file."""
    return build_of(text).target.steps[-1]


def copy_of(text: str) -> CopyStep:
    step = step_of(text)
    assert isinstance(step, CopyStep)
    return step


@pytest.mark.parametrize(
    ("before", "field", "value"),
    [
        ("FROM base", "cwd", "/srv"),
        ("FROM base", "user", "nobody"),
        ("FROM base", "env", (("PATH", "/bin"), ("A", "0"))),
        ("FROM base", "shell", ("/bin/sh", "-c")),
        ("FROM ash", "shell", ("/bin/ash", "-c")),
        ("FROM ash", "cwd", "/"),
        ("FROM ash", "user", None),
        ("FROM base\nWORKDIR app", "cwd", "/srv/app"),
        ("FROM base\nWORKDIR /a//b/", "cwd", "/a//b/"),
        ("FROM base\nUSER $A", "user", "0"),
        ("FROM base\nUSER $NOPE", "user", None),
        ('FROM base\nSHELL ["/bin/bash", "-c"]', "shell", ("/bin/bash", "-c")),
        ("FROM base\nENV B=1", "env", (("PATH", "/bin"), ("A", "0"), ("B", "1"))),
        ("FROM base\nENV A=1", "env", (("PATH", "/bin"), ("A", "1"))),
        ("FROM base\nARG A=2\nENV B=$A", "env", (("PATH", "/bin"), ("A", "2"), ("B", "2"))),
        ("FROM base\nARG B", "env", (("PATH", "/bin"), ("A", "0"))),
        ("ARG B=3\nFROM base\nARG B", "env", (("PATH", "/bin"), ("A", "0"), ("B", "3"))),
        ("FROM base\nARG TARGETARCH", "env", (("PATH", "/bin"), ("A", "0"), ("TARGETARCH", "amd64"))),
        ("FROM base AS one\nARG B=1\nUSER u\nWORKDIR w\nFROM one", "cwd", "/srv/w"),
        ("FROM base AS one\nARG B=1\nUSER u\nWORKDIR w\nFROM one", "user", "u"),
        # An ARG of a base stage is still there, but the image's own variables win over it once more.
        ("FROM base AS one\nARG A=1 B=2\nFROM one", "env", (("B", "2"), ("PATH", "/bin"), ("A", "0"))),
    ],
)
def test_state(before: str, field: str, value: object) -> None:
    build = build_of(f"{before}\nRUN x\n")
    step = build.target.steps[-1]
    assert isinstance(step, RunStep)
    assert getattr(step.state, field) == value
    assert build.target.state == step.state


def test_state_is_that_before_the_instruction() -> None:
    steps = build_of("FROM base\nWORKDIR /a\nUSER u\nRUN x\n").target.steps
    assert [(type(step).__name__, step.state.cwd, step.state.user) for step in steps] == [
        ("SetStep", "/srv", "nobody"),
        ("SetStep", "/a", "nobody"),
        ("RunStep", "/a", "u"),
    ]


def test_state_is_shared_while_nothing_changes() -> None:
    first, second, third, _ = build_of("FROM base\nRUN a\nRUN b\nUSER u\nRUN c\n").target.steps
    assert first.state is second.state is third.state


@pytest.mark.parametrize(
    ("run", "command"),
    [
        ("RUN a | b", Shell("a | b")),
        ('RUN ["a", "b"]', Exec(("a", "b"))),
        ('SHELL ["/bin/bash", "-ec"]\nRUN a', Shell("a", ("/bin/bash", "-ec"))),
        ("RUN <<EOF\nmake\nEOF", Shell("make\n")),
        ("RUN <<-EOF\n\tmake\n\tEOF", Shell("make\n")),
        ("RUN <<EOF\n#!/bin/python\nprint(1)\nEOF", Shell("#!/bin/python\nprint(1)\n")),
        ("RUN cat <<EOF\nmake\nEOF", Shell("cat <<EOF\nmake\nEOF")),
        ("RUN", Shell("")),
    ],
)
def test_command_of_run(run: str, command: object) -> None:
    step = step_of(f"FROM base\n{run}\n")
    assert isinstance(step, RunStep)
    assert step.command == command


@pytest.mark.parametrize(
    ("written", "target"),
    [
        ("/a", "/a"),
        ("/a/", "/a/"),
        ("/a//b/../c", "/a/c"),
        ("/a/.", "/a/"),
        ("a", "/srv/a"),
        ("a/", "/srv/a/"),
        ("./a", "/srv/a"),
        ("../a/", "/a/"),
        ("../../a", "/a"),
        (".", "/srv/"),
        ("./", "/srv/"),
        ("/", "/"),
        ("..", "/"),
        ("$A/", "/srv/0/"),
        ("$NOPE", "/srv/"),
    ],
)
def test_target_of_copy(written: str, target: str) -> None:
    assert copy_of(f"FROM base\nCOPY x {written}\n").target == target


@pytest.mark.parametrize(
    ("copy", "sources", "flags"),
    [
        ("COPY a b /d/", ("a", "b"), ()),
        ("COPY $A ${B:-c*} /d/", ("0", "c*"), ()),
        ('COPY ["a b", "$A", "/d/"]', ("a b", "0"), ()),
        ("ADD https://example.com/x /d", ("https://example.com/x",), ()),
        ("COPY --chown=$A:1 --chmod=0$A --link a /d", ("a",), (("chown", "0:1"), ("chmod", "00"), ("link", "true"))),
        (
            "COPY --link=false --exclude=$A --exclude=b a /d",
            ("a",),
            (("link", "false"), ("exclude", "$A"), ("exclude", "b")),
        ),
        ("COPY --from=base --parents a /d", ("a",), (("parents", "true"),)),
    ],
)
def test_sources_and_flags(copy: str, sources: tuple[str, ...], flags: tuple[tuple[str, str], ...]) -> None:
    step = copy_of(f"FROM base\n{copy}\n")
    assert (step.sources, step.flags) == (sources, flags)


@pytest.mark.parametrize(
    ("copy", "sources", "inline"),
    [
        ("COPY <<EOF /f\n$A\nEOF", (), (("/f", "0\n"),)),
        ("COPY <<EOF d/\nx\nEOF", (), (("/srv/d/EOF", "x\n"),)),
        ("COPY <<'EOF' f\n$A\nEOF", (), (("/srv/f", "$A\n"),)),
        ("COPY a <<EOF b d\nx\nEOF", ("a", "b"), (("/srv/d/EOF", "x\n"),)),
        ("COPY <<a.txt <<b.txt /d/\n1\na.txt\n2\nb.txt", (), (("/d/a.txt", "1\n"), ("/d/b.txt", "2\n"))),
        ("COPY << EOF /d\nx\nEOF", ("<<", "EOF"), ()),
    ],
)
def test_inline_files(copy: str, sources: tuple[str, ...], inline: tuple[tuple[str, str], ...]) -> None:
    step = copy_of(f"FROM base\n{copy}\n")
    assert (step.sources, step.inline) == (sources, inline)


TWO_STAGES = "FROM base AS One\nFROM base AS two\n"


@pytest.mark.parametrize(
    ("copy", "index"),
    [
        ("COPY --from=one a a", 0),
        ("COPY --from=ONE a a", 0),
        ("COPY --from=two a a", 1),
        ("COPY --from=0 a a", 0),
        ("COPY --from=01 a a", 1),
    ],
)
def test_origin_is_a_stage(copy: str, index: int) -> None:
    build = build_of(f"{TWO_STAGES}FROM base\n{copy}\n")
    step = build.target.steps[0]
    assert isinstance(step, CopyStep)
    assert step.origin is build.stages[index]


@pytest.mark.parametrize(
    ("copy", "written"),
    [
        ("COPY --from=three a a", "three"),
        ("COPY --from=example.org:5000/x:1 a a", "example.org:5000/x:1"),
        ("COPY --from=scratch a a", "scratch"),
        ("COPY a a", None),
        ("ADD a a", None),
    ],
)
def test_origin_is_an_image_or_the_context(copy: str, written: str | None) -> None:
    origin = copy_of(f"{TWO_STAGES}FROM base\n{copy}\n").origin
    assert not isinstance(origin, Stage)
    assert (origin and origin.written) == written


@pytest.mark.parametrize(
    ("text", "platform", "is_build"),
    [
        ("FROM base", None, False),
        ("FROM --platform=linux/arm64 base", "linux/arm64", False),
        ("FROM --platform=$BUILDPLATFORM base", "linux/amd64", True),
        ("FROM --platform=${BUILDPLATFORM} base", "linux/amd64", True),
        ("FROM --platform=$BUILDOS/$BUILDARCH base", "linux/amd64", True),
        ("FROM --platform=$TARGETPLATFORM base", "linux/amd64", False),
        ("ARG P=$BUILDPLATFORM\nFROM --platform=$P base", "linux/amd64", True),
        ("ARG BUILDPLATFORM=linux/s390x\nFROM --platform=$BUILDPLATFORM base", "linux/s390x", True),
        ("FROM --platform=$BUILDPLATFORM base AS one\nFROM one", "linux/amd64", True),
        ("FROM --platform=$BUILDPLATFORM base AS one\nFROM --platform=linux/arm64 one", "linux/amd64", True),
        ("FROM --platform=$BUILDPLATFORM base AS one\nFROM base", None, False),
    ],
)
def test_platform(text: str, platform: str | None, *, is_build: bool) -> None:
    target = build_of(text).target
    assert (target.platform, target.platform_is_build) == (platform, is_build)


def test_triggers_come_first_and_stand_at_the_from() -> None:
    build = build_of("FROM base AS tools\nFROM trigger AS two\nCMD c\n")
    copy, run, from_tools, cmd = build.target.steps
    assert isinstance(copy, CopyStep)
    assert isinstance(run, RunStep)
    assert isinstance(from_tools, CopyStep)
    assert (copy.target, run.command, from_tools.origin) == ("/src", Shell("make"), build.stages[0])
    assert {step.instruction.span for step in (copy, run, from_tools)} == {build.target.instruction.span}
    assert cmd.instruction.span.line == 3
    assert build.target.config.onbuild == ()


@pytest.mark.parametrize(
    "text",
    [
        "FROM bad-trigger\n",
        "FROM two-triggers\n",
        "FROM copies-from-later\nFROM base AS later\n",
    ],
)
def test_refused_trigger(text: str) -> None:
    head, *rest = text.split("\n", 1)
    last = "".join(rest)
    found = problem_of(f"# line one\n{head} AS first\n{last}", target="first")
    assert found.line == 2


def test_unknown_base_is_kept_as_a_value() -> None:
    build = build_of("FROM nobody-knows:1\nENV A=1\nUSER u\n")
    assert build.target.base == Unknown("nobody-knows:1", "not in this table")
    assert build.target.ref
    assert build.target.ref.tag == "1"
    assert dict(build.target.config.env)["A"] == "1"
    assert build.target.config.user == "u"


def test_stages_nobody_needs_have_a_value_and_no_error() -> None:
    text = "FROM base AS one\nEXPOSE http\nCOPY --from=three a a\nUSER u\nFROM base AS two\nFROM base AS three\n"
    build = build_of(text, target="two")
    one = build.stages[0]
    assert [type(step) for step in one.steps] == [SetStep, SetStep, SetStep]
    assert (one.config.ports, one.config.user) == ((), "u")
    assert problem_of(text, target="one") == Problem("invalid containerPort: http", 2)


@pytest.mark.parametrize(
    ("text", "images"),
    [
        ("FROM base:1 AS one\nFROM docker.io/library/alpine\nCOPY --from=one a a", ("alpine", "base:1")),
        ("FROM base:1 AS one\nFROM alpine:latest", ("alpine",)),
        ("FROM scratch\nCOPY --from=ghcr.io/x/y:latest a a", ("ghcr.io/x/y",)),
        ("FROM scratch\nCOPY --from=scratch a a", ()),
        ("FROM base AS one\nFROM scratch\nRUN --mount=from=One,target=/m x", ("base",)),
        ("FROM scratch\nRUN --mount=type=bind,from=team/tools,target=/m x", ("team/tools",)),
        ("FROM base AS one\nFROM one\nFROM one", ("base",)),
        ("FROM trigger", ("tools", "trigger")),
    ],
)
def test_images_of(text: str, images: tuple[str, ...]) -> None:
    assert images_of(build_of(text)) == images


def test_global_arguments() -> None:
    text = "ARG A=1 B\nARG C=${A}2\nARG TARGETARCH\nFROM base\nARG D=3\n"
    build = build_of(text, args={"B": "b"})
    assert build.args == (("A", "1"), ("B", "b"), ("C", "12"), ("TARGETARCH", "amd64"))


def test_span_of_a_stage() -> None:
    text = "# c\nFROM base AS one\nRUN x\n\n# d\nFROM base\n"
    first, second = build_of(text).stages
    assert [text[stage.span.start : stage.span.end] for stage in (first, second)] == [
        "FROM base AS one\nRUN x\n",
        "FROM base\n",
    ]
    assert (first.span.line, second.span.line) == (2, 6)


def test_shell_of_a_health_check_is_the_last_one() -> None:
    text = 'FROM base AS one\nHEALTHCHECK CMD x\nFROM one\nSHELL ["/bin/bash", "-c"]\n'
    check = build_of(text).target.config.healthcheck
    assert check
    assert check.command == Shell("x", ("/bin/bash", "-c"))
