from __future__ import annotations

import pytest

from rewriter.images.catalog import init_named, init_release, inits, take_apart


@pytest.mark.parametrize(
    ("line", "program", "options", "command"),
    [
        ("tini -- app", "tini", "", "app"),
        ("/sbin/tini app -x", "/sbin/tini", "", "app -x"),
        ("/usr/bin/tini -g -- app -g", "/usr/bin/tini", "-g", "app -g"),
        ("/tini -e 143 -p SIGTERM -s -- java -jar a.jar", "/tini", "-e 143 -p SIGTERM -s", "java -jar a.jar"),
        ("tini -e143 -vvv app", "tini", "-e143 -vvv", "app"),
        ("tini -gs -- app", "tini", "-gs", "app"),
        ("tini-static -w -- app", "tini-static", "-w", "app"),
        ("tini-amd64 -- app", "tini-amd64", "", "app"),
        ("/sbin/docker-init -- app", "/sbin/docker-init", "", "app"),
        ("dumb-init app", "dumb-init", "", "app"),
        (
            "/usr/bin/dumb-init --rewrite 15:2 --single-child -- app",
            "/usr/bin/dumb-init",
            "--rewrite 15:2 --single-child",
            "app",
        ),
        ("dumb-init --rewrite=15:2 -v app", "dumb-init", "--rewrite=15:2 -v", "app"),
        ("dumb-init -r 15:2 app", "dumb-init", "-r 15:2", "app"),
        ("catatonit -g -- app", "catatonit", "-g", "app"),
        ("tini -- tini -- app", "tini", "", "tini -- app"),
    ],
)
def test_command_line_is_taken_apart(line: str, program: str, options: str, command: str) -> None:
    use = take_apart(tuple(line.split()))
    assert use is not None
    assert (use.program, " ".join(use.options), " ".join(use.command)) == (program, options, command)
    assert use.init == init_named(program)


@pytest.mark.parametrize(
    "line",
    ["", "app", "tini", "tini --", "tini -e 143", "tini --version", "tini -h", "tini -z app", "tini --help app",
     "catatonit -P", "/init app", "supervisord -n", "systemd", "/opt/app/init"],
)  # fmt: skip
def test_line_without_an_init_to_take_off(line: str) -> None:
    assert take_apart(tuple(line.split())) is None


@pytest.mark.parametrize(
    ("word", "name"),
    [
        ("/init", "s6-overlay"),
        ("/sbin/init", "systemd"),
        ("/lib/systemd/systemd", "systemd"),
        ("runsvdir", "runit"),
        ("/sbin/my_init", "my_init"),
        ("/usr/bin/supervisord", "supervisord"),
        ("pm2-runtime", "pm2"),
        ("./node_modules/.bin/pm2-runtime", "pm2"),
        ("foreman", "foreman"),
        ("honcho", "foreman"),
    ],
)
def test_programs_that_must_be_pid_1(word: str, name: str) -> None:
    init = init_named(word)
    assert init is not None
    assert (init.name, init.role) == (name, "supervisor")


@pytest.mark.parametrize("word", ["init", "/app/init", "tinier", "node", "/usr/local/bin/app", "sbin/init"])
def test_other_programs_are_no_init(word: str) -> None:
    assert init_named(word) is None


def test_rows_name_their_source() -> None:
    assert len(inits()) >= 15
    for init in inits():
        assert init.source
        assert init.checked >= "2026-11-01"
        assert bool(init.flags) == (init.role == "wrapper")


def test_release_to_install_is_pinned_for_the_two_verified_architectures() -> None:
    release = init_release()
    pinned = {arch: release.asset(arch) for arch in ("amd64", "arm64", "s390x", "riscv64", "arm")}
    assert {arch for arch, asset in pinned.items() if asset} == {"amd64", "arm64"}
    amd64 = pinned["amd64"]
    assert amd64 is not None
    assert amd64.sha256 == "c5b0666b4cb676901f90dfcb37106783c5fe2077b04590973b885950611b30ee"
    assert release.url_of(amd64) == "https://github.com/krallin/tini/releases/download/v0.19.0/tini-static-amd64"
    assert release.version == "0.19.0"
