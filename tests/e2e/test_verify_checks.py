"""The relation each check holds two images to, and how a decision announces a difference. No engine is needed."""

from __future__ import annotations

import json
import tarfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rewriter.analysis.evidence import Evidence
from rewriter.engine import elf
from rewriter.engine.checks import CHECKS
from rewriter.engine.containers import OPEN, Answer, Output, Stopped
from rewriter.engine.document import document
from rewriter.engine.files import Entry, Files, packages
from rewriter.engine.images import BuildFailedError, Image, telling_lines
from rewriter.engine.inventory import inventory_of
from rewriter.engine.judge import Status, judge
from rewriter.engine.observe import APPENDED, EMPTIED, OTHER_ENTRYPOINT, REPLACED
from rewriter.engine.processes import Process, listening_ports
from rewriter.engine.seen import Observation, Promise, Seen
from rewriter.engine.setup import Setup
from rewriter.engine.table import not_built, table
from rewriter.engine.verify import NotBuilt, Verified
from rewriter.notes import Note, Rule, Severity
from rewriter.plan import Decision, Safety, Tier

FOLDER = Entry(tarfile.DIRTYPE, 0o755, 0, 0, 0)
FILE = Entry(tarfile.REGTYPE, 0o755, 0, 0, 10)
ACCOUNTS = "root:x:0:0:root:/root:/bin/sh\napp:x:1000:1000::/home/app:/bin/sh\n"
CERTIFICATES = "/etc/ssl/certs/ca-certificates.crt"
ROOT = "0 0 0 0 / 0 0 0 0"
USER = "1000 1000 1000 1000 / 1000 1000 1000 1000"
EVIDENCE = (Evidence("Dockerfile:1", "FROM x"),)


def link(target: str) -> Entry:
    return Entry(tarfile.SYMTYPE, 0o777, 0, 0, 0, target)


def process(name: str, pid: int, ppid: int, *argv: str) -> Process:
    environment = (("HOME", "/root"), ("PATH", "/bin"))
    return Process(
        pid, ppid, name, "S", argv, f"/{name}", "/srv", environment, ROOT, "0", "0022", "a8", 0, ("/srv/db",)
    )


TINI = process("tini", 1, 0, "/tini", "--", "/app")
APP = process("app", 7, 1, "/app", "-v")
WORKER = process("worker", 8, 7, "worker")
UP = Seen(None, Output("", ""))
RUN = Seen(
    None,
    Output("", "ready\n"),
    (TINI, APP, WORKER),
    (("GET /", Answer(200, "hello")),),
    Stopped(0.3, 0, Output("", "stopping\n")),
    listening=(8080,),
    health="healthy",
    changed=("/srv/data/log",),
)
FILES = Files(
    {
        **dict.fromkeys(("/srv", "/srv/data", "/usr", "/usr/lib", "/etc", "/root", "/home"), FOLDER),
        **dict.fromkeys(("/etc/ssl", "/etc/ssl/certs", "/usr/share", "/usr/share/zoneinfo"), FOLDER),
        "/tmp": replace(FOLDER, mode=0o1777),
        "/srv/db": FILE,
        "/app": FILE,
        CERTIFICATES: FILE,
        "/lib": link("usr/lib"),
        "/usr/lib/libz.so.1": FILE,
        "/usr/share/zoneinfo/UTC": FILE,
    },
    {"/etc/passwd": ACCOUNTS},
    {"/app": ("libz.so.1",)},
)
CONFIG: dict[str, Any] = {
    "ExposedPorts": {"8080/tcp": {}},
    "Volumes": {"/srv/data": {}},
    "Labels": {"a": "1", "dfmod": "here"},
    "Healthcheck": {"Test": ["CMD", "/app", "health"]},
    "Env": ["PATH=/bin"],
}
SEEN = Observation(
    Image("before", 10, CONFIG, 2, "linux/amd64"),
    FILES,
    RUN,
    tuple((name, UP) for name in (APPENDED, REPLACED, OTHER_ENTRYPOINT, EMPTIED)),
    (("SIGUSR1", Seen(None, Output("", "reloaded\n"))),),
    (("read-only root", UP),),
)


def with_run(**changes: object) -> Observation:
    return replace(SEEN, run=replace(RUN, **changes))  # type: ignore[arg-type]


def with_main(**changes: object) -> Observation:
    return with_run(processes=(TINI, replace(APP, **changes), WORKER))  # type: ignore[arg-type]


def with_config(**changes: object) -> Observation:
    return replace(SEEN, image=replace(SEEN.image, config={**CONFIG, **changes}))


def without_file(path: str) -> Observation:
    entries = {name: entry for name, entry in FILES.entries.items() if name != path}
    return replace(SEEN, files=replace(FILES, entries=entries))


def with_file(path: str, entry: Entry) -> Observation:
    return replace(SEEN, files=replace(FILES, entries={**FILES.entries, path: entry}))


def ended(code: int, said: str = "") -> Seen:
    return Seen(code, Output(said, ""), seconds=0.4)


def differing(after: Observation, promise: Promise | None = None, before: Observation = SEEN) -> set[str]:
    results = judge(before, after, promise or Promise(Tier.DISTROLESS, init=True))
    return {result.check.id for result in results if result.status is Status.DIFFERS}


@pytest.mark.parametrize(
    ("after", "found"),
    [
        (SEEN, set()),
        (replace(SEEN, run=ended(1)), {"B02", "B03", "B20"}),
        (with_run(output=Output("", "ready\nfailed to bind\n")), {"B03"}),
        (with_run(output=Output("", "ready\nready\n")), set()),
        (with_main(argv=("/app",)), {"B04"}),
        (with_main(argv=("/usr/bin/app", "-v")), set()),
        (with_main(environment=(("HOME", "/root"), ("PATH", "/bin"), ("SSL_CERT_FILE", "/ca"))), set()),
        (with_main(environment=(("HOME", "/root"),)), {"B05"}),
        (with_main(environment=(("HOME", "/root"), ("PATH", "/bin"), ("NEW", "1"))), {"B05"}),
        (with_main(cwd="/tmp"), {"B06"}),
        (with_main(user=USER), {"B07", "B21"}),
        (with_main(groups=""), set()),
        (with_main(groups="0 27"), {"B07"}),
        (with_main(umask="0077"), {"B07"}),
        (with_main(capabilities="ff"), {"B07"}),
        (replace(SEEN, files=replace(FILES, texts={"/etc/passwd": ""})), {"B08"}),
        (with_file("/tmp", FOLDER), {"B08"}),
        (with_run(processes=(replace(APP, pid=1, ppid=0), WORKER)), {"B09"}),
        (with_run(processes=(TINI, APP, replace(WORKER, ppid=1))), {"B10"}),
        (with_run(processes=(TINI, APP, WORKER, replace(WORKER, pid=9, state="Z"))), {"B11"}),
        (with_run(stopped=Stopped(10.2, 137)), {"B12"}),
        (with_run(stopped=Stopped(0.1, 0, Output("", ""))), {"B12"}),
        (replace(SEEN, signals=(("SIGUSR1", UP),)), {"B13"}),
        (replace(SEEN, signals=(("SIGUSR1", ended(138, "reloaded\n")),)), set()),
        (replace(SEEN, signals=(("SIGUSR1", ended(138)),)), {"B13"}),
        (replace(SEEN, signals=(("SIGUSR1", ended(1)),)), {"B13"}),
        (replace(SEEN, arguments=((REPLACED, ended(127)), *SEEN.arguments)), set()),
        (with_file("/bin/sh", FILE), {"B18"}),
        (with_file("/usr/bin/apt-get", FILE), {"B18"}),
        (with_run(health="unhealthy"), {"B19"}),
        (with_run(listening=()), {"B20"}),
        (with_run(answers=(("GET /", Answer(500, "hello")),)), {"B20"}),
        (with_run(answers=(("GET /", Answer(200, "other")),)), {"B20"}),
        (with_run(answers=(("GET /", Answer(OPEN, "")),)), {"B20"}),
        (without_file("/srv/data"), {"B21"}),
        (without_file("/srv/db"), {"B22"}),
        (without_file("/usr/lib/libz.so.1"), {"B23"}),
        (without_file(CERTIFICATES), {"B24"}),
        (without_file("/usr/share/zoneinfo/UTC"), {"B24"}),
        (with_config(Labels={"a": "2"}), {"B25"}),
        (with_config(Labels={"a": "1", "dfmod": "there"}), set()),
        (with_config(ExposedPorts={}), {"B25"}),
        (with_config(Volumes=None), {"B25"}),
        (with_config(StopSignal="SIGTERM"), set()),
        (with_config(StopSignal="SIGQUIT"), {"B25"}),
        (with_config(Healthcheck=None), {"B25"}),
        (replace(SEEN, image=replace(SEEN.image, platform="linux/arm64")), {"B25"}),
        (replace(SEEN, hardened=(("read-only root", ended(1)),)), {"B26"}),
    ],
)
def test_each_check_finds_what_it_is_for(after: Observation, found: set[str]) -> None:
    assert differing(after) == found


@pytest.mark.parametrize(
    ("name", "check"), [(REPLACED, "B14"), (APPENDED, "B15"), (EMPTIED, "B16"), (OTHER_ENTRYPOINT, "B17")]
)
@pytest.mark.parametrize("new", [ended(127), ended(0), ended(0, "other")])
def test_another_command_is_compared_by_how_it_ends_and_what_it_prints(name: str, check: str, new: Seen) -> None:
    before = replace(SEEN, arguments=((name, ended(0, "1.0")),))
    assert differing(replace(SEEN, arguments=((name, new),)), before=before) == {check}
    assert differing(before, before=before) == set()


def test_what_cannot_be_compared_is_not_called_the_same() -> None:
    results = {r.check.id: r.status for r in judge(SEEN, replace(SEEN, run=ended(1)), Promise())}
    for number in ("B04", "B08", "B09", "B10", "B11", "B12", "B18", "B19", "B21", "B22"):
        assert results[number] is Status.UNSEEN, number


def test_lines_in_which_two_runs_of_the_original_differ_do_not_count() -> None:
    varying = replace(with_run(output=Output("", "ready\nlucky\n")), first=RUN)
    assert differing(SEEN, before=varying) == set()
    assert differing(with_run(output=Output("", "lucky\n")), before=varying) == {"B03"}


def test_an_answer_that_varies_by_itself_does_not_count() -> None:
    varying = with_run(varying=("GET /",))
    other = with_run(answers=(("GET /", Answer(200, "other")),))
    assert differing(other, before=varying) == set()


def decision(field: str, safety: Safety) -> Decision:
    return Decision(field, "what", "why", safety, EVIDENCE)


@pytest.mark.parametrize(
    ("after", "promise", "status"),
    [
        (with_main(cwd="/tmp"), Promise(decisions=(decision("workdir", Safety.SAFE),)), Status.ANNOUNCED),
        (with_main(cwd="/tmp"), Promise(decisions=(decision("cmd", Safety.REVIEW),)), Status.DIFFERS),
        (with_main(argv=("/app",)), Promise(decisions=(decision("cmd", Safety.SAFE),)), Status.DIFFERS),
        (with_main(argv=("/app",)), Promise(decisions=(decision("cmd", Safety.REVIEW),)), Status.ANNOUNCED),
    ],
)
def test_a_decision_announces_its_field_and_where_it_asks_for_a_look_what_follows(
    after: Observation, promise: Promise, status: Status
) -> None:
    statuses = {result.status for result in judge(SEEN, after, promise)} - {Status.SAME, Status.UNSEEN}
    assert statuses == {status}


def test_a_variable_of_the_base_image_goes_with_it() -> None:
    after = with_main(environment=(("HOME", "/root"),))
    base = (decision("base", Safety.SAFE),)
    assert differing(after, Promise(versioned=("PATH",), decisions=base)) == set()
    assert differing(after, Promise(decisions=base)) == {"B05"}


def test_checks_are_in_order_and_each_has_its_own_number() -> None:
    assert [check.id for check in CHECKS] == [f"B{number:02}" for number in range(1, 27)]


def compared(after: Observation = SEEN) -> Verified:
    inventories = (inventory_of(SEEN.image, SEEN.files), inventory_of(after.image, after.files))
    return Verified(judge(SEEN, after, Promise()), SEEN, after, inventories, Setup(ports=(8080,)))


def test_the_table_says_what_differs() -> None:
    text = table(compared(replace(SEEN, run=ended(1, "no template\n"))))
    assert "exited 1 after 1 s; original stayed up; it said: no template" in text
    assert "\x1b" not in table(compared(with_run(output=Output("", "\x1b[2J"))))


def test_json_and_table_agree() -> None:
    found = compared(with_main(cwd="/tmp"))
    value = json.loads(document(found, "Dockerfile", None, "docker"))
    assert value["outcome"] == "differs"
    (check,) = [check for check in value["checks"] if check["status"] == "differs"]
    (difference,) = check["differences"]
    assert difference["says"] in table(found)
    assert (difference["field"], difference["before"], difference["after"]) == ("workdir", "/srv", "/tmp")


def test_of_an_original_that_does_not_build_nothing_is_claimed() -> None:
    found = NotBuilt(original=True, error=BuildFailedError("#7 0.1 go: cannot find module\n#7 ERROR: exit code: 1\n"))
    value = json.loads(document(found, "Dockerfile", None, "docker"))
    assert (value["outcome"], value["checks"], value["images"]) == ("original does not build", [], None)
    assert "same" not in not_built(found)
    assert value["log"] == ["go: cannot find module", "ERROR: exit code: 1"]


def test_telling_lines_are_the_errors_or_else_the_last() -> None:
    assert telling_lines("#1 DONE 0.1s\n#2 0.5 step one\n#2 0.6 step two\n") == ("step one", "step two")
    assert telling_lines("#2 0.5 fine\n#2 0.6 npm ERR! not found\n") == ("npm ERR! not found",)


@pytest.mark.parametrize(
    ("path", "real"),
    [
        ("/lib/libz.so.1", "/usr/lib/libz.so.1"),
        ("/lib/../app", "/usr/app"),
        ("/", "/"),
        ("/absent/x", None),
        ("/loop", None),
    ],
)
def test_links_are_followed(path: str, real: str | None) -> None:
    files = Files({**FILES.entries, "/loop": link("/loop"), "/usr/app": FILE})
    assert files.resolve(path) == real


@pytest.mark.parametrize(
    ("mode", "uid", "gid", "groups", "may"),
    [
        (0o755, 1000, 0, (), True),
        (0o755, 0, 1000, (1000,), False),
        (0o775, 0, 1000, (1000,), True),
        (0o777, 0, 0, (), True),
        (0o555, 1000, 0, (), False),
    ],
)
def test_who_may_write(mode: int, uid: int, gid: int, groups: tuple[int, ...], *, may: bool) -> None:
    files = Files({"/d": Entry(tarfile.DIRTYPE, mode, uid, gid, 0)})
    assert files.may_write("/d", 1000, frozenset(groups)) is may
    assert files.may_write("/d", 0, frozenset())


def test_packages_are_those_of_dpkg_distroless_and_apk() -> None:
    texts = {
        "/var/lib/dpkg/status": "Package: a\nStatus: install ok installed\n\nPackage: b\n",
        "/var/lib/dpkg/status.d/c": "Package: c\n",
        "/lib/apk/db/installed": "P:d\nV:1\n",
        "/etc/passwd": ACCOUNTS,
    }
    assert packages(Files({}, texts)) == {"a", "b", "c", "d"}


def test_libraries_are_read_from_a_program_of_this_machine() -> None:
    data = Path("/proc/self/exe").read_bytes()
    assert "libc.so.6" in elf.needed(data) or any(name.startswith(("libpython", "libc.")) for name in elf.needed(data))


@given(st.binary(max_size=200))
def test_no_file_is_too_odd_to_be_read(tail: bytes) -> None:
    assert elf.needed(elf.MAGIC + tail) == ()
    assert elf.needed(tail) == ()


def test_ports_of_the_loopback_do_not_count(tmp_path: Path) -> None:
    (tmp_path / "5/net").mkdir(parents=True)
    rows = ("sl local rem st", "0: 00000000:1F90 0:0 0A", "1: 0100007F:1F91 0:0 0A", "2: 00000000:1F92 0:0 01")
    (tmp_path / "5/net/tcp").write_text("\n".join(rows))
    (tmp_path / "5/net/tcp6").write_text("h\n0: 00000000000000000000000000000000:0050 0:0 0A")
    assert listening_ports(5, tmp_path) == (80, 8080)


def test_a_shell_between_the_init_and_the_program_is_no_fault() -> None:
    shell = process("sh", 6, 1, "/bin/sh", "-c", "/app -v")
    assert differing(with_run(processes=(TINI, shell, replace(APP, ppid=6), WORKER))) == set()


def test_a_note_announces_what_it_is_known_for() -> None:
    note = Note(Rule("base-image-wrapper", ""), Severity.INFO, "the wrapper is left out", 1, "")
    before = replace(SEEN, arguments=((APPENDED, ended(0, "1.0")),))
    after = replace(SEEN, arguments=((APPENDED, ended(127)),))
    assert differing(after, Promise(notes=(note,)), before) == set()
    assert differing(after, Promise(), before) == {"B15"}


def test_a_program_that_sends_itself_the_signal_it_handled_could_not_die_of_it_as_process_1() -> None:
    before = replace(SEEN, signals=(("SIGUSR1", ended(1)),))
    killed = (("SIGUSR1", ended(138)),)
    assert differing(replace(with_main(caught=1 << 9), signals=killed), before=before) == set()
    assert differing(replace(SEEN, signals=killed), before=before) == {"B13"}
