"""The small grammars inside instructions: paths, ports, signals, modes, platforms, mounts; and what refuses them."""

from __future__ import annotations

import json
from itertools import pairwise
from pathlib import Path

import pytest

from rewriter.images.model import ImageRef, Unknown
from rewriter.semantics import paths
from rewriter.semantics.build import Build, Resolved
from rewriter.semantics.platforms import Platform, parse_platform
from rewriter.semantics.problems import BuildError
from rewriter.semantics.resolve import images_of, resolve
from rewriter.semantics.values import check_mode, check_signal, integer, ports
from rewriter.syntax.document import Problem
from rewriter.syntax.scanner import parse


def resolved(text: str, platform: str = "linux/amd64") -> Resolved:
    return resolve(parse(text), nothing_known, platform=platform)


def nothing_known(ref: ImageRef) -> Unknown:
    return Unknown(ref.written, "nothing is known here")


@pytest.mark.parametrize(
    ("path", "clean"),
    [
        ("", "."),
        (".", "."),
        ("/", "/"),
        ("//", "/"),
        ("//a", "/a"),
        ("a//b/", "a/b"),
        ("/a/./b/..", "/a"),
        ("/..", "/"),
        ("../a/..", ".."),
    ],
)
def test_clean(path: str, clean: str) -> None:
    assert paths.clean(path) == clean


@pytest.mark.parametrize(
    ("parts", "joined"),
    [((), ""), (("", ""), ""), (("/a", "b"), "/a/b"), (("/a", "/b"), "/a/b"), (("a", "../.."), "..")],
)
def test_join(parts: tuple[str, ...], joined: str) -> None:
    assert paths.join(*parts) == joined


@pytest.mark.parametrize(
    ("cwd", "path", "absolute"),
    [("/a", "b/", "/a/b"), ("/a", "/b//c", "/b/c"), ("/a//b/", "..", "/a"), ("/", "", "/"), ("/a", ".", "/a")],
)
def test_absolute(cwd: str, path: str, absolute: str) -> None:
    assert paths.absolute(cwd, path) == absolute


@pytest.mark.parametrize(
    ("current", "path", "workdir"),
    [
        (None, "a", "/a"),
        (None, "", "/"),
        ("/a", "", "/a"),
        ("/a", "b/", "/a/b"),
        ("/a", "/b//c/", "/b//c/"),
        ("srv", "a", "/srv/a"),
    ],
)
def test_workdir(current: str | None, path: str, workdir: str) -> None:
    assert paths.workdir(current, path) == workdir


@pytest.mark.parametrize(
    ("word", "declared"),
    [
        ("80", ("80/tcp",)),
        ("53/UDP", ("53/udp",)),
        ("80/", ("80/tcp",)),
        ("7-9/sctp", ("7/sctp", "8/sctp", "9/sctp")),
        ("7-7", ("7/tcp",)),
        ("8080:80", ("80/tcp",)),
        ("[::1]:8080:80/udp", ("80/udp",)),
        ("8080-8082:80", ("80/tcp",)),
    ],
)
def test_ports(word: str, declared: tuple[str, ...]) -> None:
    assert ports(word) == declared


@pytest.mark.parametrize(
    "word",
    ["", "/tcp", "http", "80/http", "65536", "-1", "9-7", "1-2-3", "80-", "x:80", "80-81:1-3", "８０", "9" * 5000],
)
def test_refused_ports(word: str) -> None:
    with pytest.raises(BuildError, match=r"invalid (port|containerPort|hostPort|ranges)"):
        ports(word)


@pytest.mark.parametrize("signal", ["SIGTERM", "term", "sigkill", "9", "-1", "RTMIN", "SIGRTMIN+15", "RTMAX-14"])
def test_signal(signal: str) -> None:
    check_signal(signal)


@pytest.mark.parametrize("signal", ["", "0", "FOO", "SIGSIGTERM", "RTMIN+16", "RTMIN+01", "RTMAX-15", "TERM "])
def test_refused_signal(signal: str) -> None:
    with pytest.raises(BuildError, match="invalid signal: "):
        check_signal(signal)


@pytest.mark.parametrize("mode", ["", "755", "0755", "07777", "u=rwx,go+r", "+x", "a-w", "g=u"])
def test_mode(mode: str) -> None:
    check_mode(mode)


@pytest.mark.parametrize("mode", ["0888", "10000", "rwx", "u", "0x1", "-1", "755 "])
def test_refused_mode(mode: str) -> None:
    with pytest.raises(BuildError, match="invalid chmod parameter"):
        check_mode(mode)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("7", 7),
        ("-7", -7),
        ("+07", 7),
        ("", None),
        ("+", None),
        ("1_0", None),
        (" 1", None),
        ("٣", None),
        ("1.0", None),
    ],
)
def test_integer(text: str, number: int | None) -> None:
    assert integer(text) == number


@pytest.mark.parametrize(
    ("text", "platform", "shown"),
    [
        ("linux/amd64", Platform("linux", "amd64", ""), "linux/amd64"),
        ("Linux/X86_64", Platform("linux", "amd64", ""), "linux/amd64"),
        ("linux/aarch64", Platform("linux", "arm64", ""), "linux/arm64"),
        ("linux/arm64/v8", Platform("linux", "arm64", "v8"), "linux/arm64/v8"),
        ("linux/arm", Platform("linux", "arm", ""), "linux/arm"),
        ("linux/arm/7", Platform("linux", "arm", "v7"), "linux/arm/v7"),
        ("linux/armel", Platform("linux", "arm", "v6"), "linux/arm/v6"),
        ("arm64", Platform("linux", "arm64", ""), "linux/arm64"),
        ("armhf", Platform("linux", "arm", ""), "linux/arm"),
        ("windows", Platform("windows", "amd64", ""), "windows/amd64"),
        ("windows(10.0)/amd64", Platform("windows", "amd64", "", "10.0"), "windows(10.0)/amd64"),
    ],
)
def test_platform(text: str, platform: Platform, shown: str) -> None:
    assert parse_platform(text) == platform
    assert str(platform) == shown


@pytest.mark.parametrize("text", ["", "/", "linux/", "/amd64", "linux/a/b/c", "lin*/amd64", "nonsense", "linux/a b"])
def test_refused_platform(text: str) -> None:
    with pytest.raises(ValueError, match="failed to parse platform"):
        resolved("FROM base\n", platform=text)


@pytest.mark.parametrize(
    "mount",
    [
        "type=cache,target=/root/.cache,sharing=locked,id=$X,uid=1,mode=0755",
        "target=/m,ro",
        "type=bind,readwrite=true,source=a,dst=b",
        "type=secret,id=key,required",
        "type=secret,id=key,env=KEY,required=1",
        "type=ssh,required=false",
        "TYPE=TMPFS,target=/t,size=100m",
    ],
)
def test_mount(mount: str) -> None:
    assert isinstance(resolved(f"FROM base\nRUN --mount={mount} x\n"), Build)


@pytest.mark.parametrize(
    ("mount", "message"),
    [
        ("type=disk", 'unsupported mount type "disk"'),
        ("target", "invalid field 'target' must be a key=value pair"),
        ("colour=red", "unexpected key 'colour' in 'colour=red'"),
        ("ro=maybe", "invalid value for ro: maybe"),
        ("type=cache,mode=9", "invalid value for mode: 9"),
        ("type=cache,uid=x", "invalid value for uid: x"),
        ("type=cache,sharing=all", "invalid value for sharing: all"),
        ("uid=1", 'uid not allowed for "bind" type mounts'),
        ("sharing=shared", "invalid cache sharing set for bind mount"),
        ("required", "unexpected key 'required' for mount type 'bind'"),
        ("size=1", "unexpected key 'size' for mount type 'bind'"),
        ("type=secret", "invalid secret mount. one of source, target required"),
        ("type=secret,id=a,from=b", "secret mount should not have a from"),
        ("target=/a/..", 'invalid mount target "/a/.."'),
        ("id=${X:?no X}", "failed to process \"${X:?no\": syntax error: missing '}'"),
        (
            "from=Upper",
            'failed to parse stage name "Upper": invalid reference format: repository name must be lowercase',
        ),
    ],
)
def test_refused_mount(mount: str, message: str) -> None:
    assert resolved(f"FROM base\nRUN --mount={mount} x\n") == Problem(message, 2)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ("COPY git@example.com:a/b /d", "source can't be a git ref for COPY"),
        ("COPY --chmod=rwx a /d", "invalid chmod parameter: 'rwx'. it should be octal string and between 0 and 07777"),
        ("ADD --checksum=sha256:00 a /d", "checksum requires HTTP(S) or Git sources"),
        ("ADD --checksum=sha256:00 a b /d/", "checksum can't be specified for multiple sources"),
        (
            "RUN --mount=from=later,target=/m x\nFROM base AS later\nFROM first",
            'cannot mount from stage "later" to "/m", ',
        ),
    ],
)
def test_refused_line(line: str, message: str) -> None:
    found = resolved(f"FROM base AS first\n{line}\n")
    assert isinstance(found, Problem)
    assert found.message.startswith(message)
    assert found.line == 2


def test_anything_resolves_or_is_refused() -> None:
    path = Path(__file__).parent / "conformance" / "parse.jsonl"
    rows = [json.loads(line) for line in path.read_text("utf-8").splitlines()]
    texts = [row["dockerfile"] for row in rows if "dockerfile" in row]
    assert len(texts) > 700
    for text in texts:
        problems, found = parse(text).problems, resolved(text)
        assert found == problems[0] if problems else isinstance(found, Build | Problem), text


CHAIN = 5_000


@pytest.mark.parametrize(
    "line",
    ["FROM s{0} AS s{1}\nRUN x\n", "FROM base AS s{1}\nCOPY --from=s{0} /a /b\n"],
    ids=["built on", "copied from"],
)
def test_long_chains(line: str) -> None:
    text = "FROM base AS s0\n" + "".join(line.format(index, index + 1) for index in range(CHAIN))
    build = resolved(text)
    assert isinstance(build, Build)
    assert build.target.root == Unknown("base", "nothing is known here")
    assert len(build.target.all_steps) == (CHAIN if "RUN" in line else 1)
    assert build.target == build.stages[-1]
    assert len({*build.stages, build.target}) == CHAIN + 1
    assert "s5000" in repr(build.target)
    assert images_of(build) == ("base",)


def test_long_circle() -> None:
    pairs = pairwise([*range(CHAIN), 0])
    text = "".join(f"FROM base AS s{a}\nCOPY --from=s{b} /a /b\n" for a, b in pairs)
    assert resolved(text) == Problem("circular dependency detected on stage: s0", 2)
