"""How what is seen of a container is read and compared. No engine is needed: the text of /proc is the input."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from tests.e2e.bases import images_of
from tests.e2e.comparison import Observation, differences, normalised
from tests.e2e.harness import Answer, Output, Stopped
from tests.e2e.processes import Process, main_process, processes_of
from tests.e2e.run_file import Request, Run, read

STATUS = """Name:\t{name}
Umask:\t0022
State:\t{state} (sleeping)
Pid:\t{outer}
PPid:\t{parent}
Uid:\t0\t0\t0\t0
Gid:\t0\t0\t0\t0
Groups:\t0 27
NSpid:\t{outer}\t{inner}
CapEff:\t00000000a80425fb
"""


def folder_of(proc: Path, name: str, outer: int, parent: int, inner: int, *, namespace: str = "pid:[7]") -> Path:
    path = proc / str(outer)
    (path / "ns").mkdir(parents=True)
    (path / "ns/pid").symlink_to(namespace)
    (path / "status").write_text(STATUS.format(name=name, state="S", outer=outer, parent=parent, inner=inner))
    return path


def test_processes_are_numbered_as_the_container_sees_them(tmp_path: Path) -> None:
    tini = folder_of(tmp_path, "tini", 4000, 900, 1)
    (tini / "cmdline").write_bytes(b"/tini\0--\0/app\0")
    app = folder_of(tmp_path, "app", 4001, 4000, 7)
    (app / "cmdline").write_bytes(b"/app\0\0")
    (app / "environ").write_bytes(b"PATH=/bin\0EMPTY=\0")
    (app / "cwd").symlink_to("/srv")
    (app / "exe").symlink_to("/app")
    folder_of(tmp_path, "stranger", 4002, 1, 4002, namespace="pid:[8]")
    first, second = processes_of(4000, tmp_path)
    assert (first.pid, first.ppid, first.argv) == (1, 0, ("/tini", "--", "/app"))
    assert (second.pid, second.ppid, second.argv) == (7, 1, ("/app", ""))
    assert (second.cwd, second.program, second.umask, second.groups) == ("/srv", "/app", "0022", "0 27")
    assert (second.variable("PATH"), second.variable("EMPTY"), second.variable("HOME")) == ("/bin", "", None)


def test_a_container_that_has_ended_has_no_processes(tmp_path: Path) -> None:
    assert processes_of(0, tmp_path) == ()


def process(name: str, pid: int, ppid: int, *argv: str) -> Process:
    return Process(pid, ppid, name, "S", argv, f"/bin/{name}", "/", (), "0", "", "0022", "0")


@pytest.mark.parametrize(
    ("processes", "main"),
    [
        ((process("app", 1, 0, "/app"),), "app"),
        ((process("tini", 1, 0, "/tini", "--", "/app"), process("app", 7, 1, "/app")), "app"),
        ((process("sh", 1, 0, "/bin/sh", "-c", "./app"), process("app", 7, 1, "./app")), "app"),
        ((process("sh", 1, 0, "/bin/sh", "run.sh"), process("app", 7, 1, "./app")), "sh"),
        ((process("tini", 1, 0, "/tini", "--", "/app"),), "tini"),
        ((), None),
    ],
)
def test_main_process(processes: tuple[Process, ...], main: str | None) -> None:
    found = main_process(processes)
    assert (found.name if found else None) == main


APP = replace(process("app", 7, 1, "./app", "-v"), environment=(("HOME", "/root"), ("PWD", "/srv")), program="/app")
RUN = Run(port=80, requests=(Request("/"), Request("/pid", same=False)))
SEEN = Observation(
    None,
    Output("", "worker 12\nworker 13\n"),
    (process("tini", 1, 0, "/tini"), APP),
    (("/", Answer(200, "hello")), ("/pid", Answer(200, "12"))),
    Stopped(10.2, 137),
)


def with_main(**changes: object) -> Observation:
    return replace(SEEN, processes=(SEEN.processes[0], replace(APP, **changes)))  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("after", "fields"),
    [
        (SEEN, set()),
        (replace(SEEN, output=Output("", "worker 7\nworker 9\n")), set()),
        (replace(SEEN, output=Output("", "worker 7\n")), {"stderr"}),
        (replace(SEEN, output=Output("x", SEEN.output.stderr)), {"stdout"}),
        (replace(SEEN, exit_code=1), {"exit"}),
        (replace(SEEN, answers=(("/", Answer(200, "bye")), ("/pid", Answer(200, "13")))), {"body /"}),
        (replace(SEEN, answers=(("/", Answer(200, "hello")), ("/pid", Answer(500, "")))), {"status /pid"}),
        (with_main(argv=("/app", "-v")), set()),
        (with_main(argv=("/app",)), {"arguments"}),
        (with_main(program="/bin/app"), {"program"}),
        (with_main(cwd="/srv"), {"workdir"}),
        (with_main(user="65532"), {"user"}),
        (with_main(groups="27"), {"groups"}),
        (with_main(umask="0077"), {"umask"}),
        (with_main(capabilities="1"), {"capabilities"}),
        (with_main(environment=(("HOME", "/"), ("SSL_CERT_FILE", "/ca"))), {"env.HOME"}),
        (with_main(environment=(("HOME", "/root"), ("NEW", "1"))), {"env.NEW"}),
        (with_main(state="Z"), {"zombies"}),
        (replace(SEEN, processes=()), {"processes"}),
        (replace(SEEN, stopped=Stopped(0.2, 143)), set()),
        (replace(SEEN, stopped=Stopped(0.2, 0)), set()),
        (replace(SEEN, stopped=Stopped(12.0, 143)), {"stop time"}),
    ],
)
def test_differences(after: Observation, fields: set[str]) -> None:
    assert {difference.field for difference in differences(SEEN, after, RUN)} == fields


def test_an_exit_code_of_its_own_is_kept_when_stopped() -> None:
    before = replace(SEEN, stopped=Stopped(0.2, 0))
    after = replace(SEEN, stopped=Stopped(0.2, 143))
    assert [difference.field for difference in differences(before, after, RUN)] == ["stop exit"]


def test_numbers_and_order_of_printed_lines_do_not_count() -> None:
    assert normalised("b 12\na 3.4\n") == normalised("a 5.61\nb 7\n") == "a #.#\nb #"


def test_run_file_is_read_whole() -> None:
    text = """port = 80
settle = 1
args = ["-v"]
[[requests]]
path = "/"
[env]
B = "2"
A = "1"
[differs]
user = "why"
"""
    expected = Run(
        port=80,
        settle=1,
        args=("-v",),
        env=(("A", "1"), ("B", "2")),
        requests=(Request("/"),),
        differs=(("user", "why"),),
    )
    assert read(text) == expected


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("prot = 80", "unknown key 'prot'"),
        ('port = "80"', "port is str, not int"),
        ("[[requests]]\npath = '/'\nstatus = true", "status is bool, not int"),
        ("[[requests]]\nurl = '/'", "unknown key 'url'"),
        ("port = ", "Invalid value"),
    ],
)
def test_faults_of_a_run_file_are_named(text: str, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        read(text)


def test_images_of_a_dockerfile() -> None:
    text = "ARG V=1\nFROM golang:1.20 AS Build\nFROM scratch AS tini\nFROM img:$V\nFROM build\n"
    text += "COPY --from=tini /a /a\nCOPY --from=0 /b /b\nCOPY --from=ghcr.io/x/uv:1 /c /c\n"
    assert images_of(text) == ("golang:1.20", "ghcr.io/x/uv:1")
