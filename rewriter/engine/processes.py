"""What the processes of a container look like from the host. Reads `/proc` as text; starts and stops nothing."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

PROC = Path("/proc")
INITS = frozenset({"tini", "dumb-init", "catatonit", "docker-init"})
_LISTEN = "0A"
# 127.0.0.1, ::1 and the engine's own name server at 127.0.0.11, as /proc writes them.
_LOOPBACK = frozenset({"0100007F", "0B00007F", "00000000000000000000000001000000"})
_NO_FILES = ("/dev/", "/proc/", "/sys/", "/memfd:", "/anon_hugepage", "/SYSV")
SHELLS = frozenset({"sh", "dash", "bash", "ash", "busybox"})


@dataclass(frozen=True, slots=True)
class Process:
    """One process, numbered as the container sees it. A zombie (state Z) has no argv, environment or folder.

    `caught` is the mask of the signals it has a handler for, `files` the regular files it has open or mapped.
    """

    pid: int
    ppid: int
    name: str
    state: str
    argv: tuple[str, ...]
    program: str
    cwd: str
    environment: tuple[tuple[str, str], ...]
    user: str
    groups: str
    umask: str
    capabilities: str
    caught: int = 0
    files: tuple[str, ...] = ()

    def variable(self, name: str) -> str | None:
        """Return the value of an environment variable, None where it is not set."""
        return dict(self.environment).get(name)

    @property
    def uid(self) -> int:
        """The effective user."""
        return int(self.user.partition(" / ")[0].split()[1])

    @property
    def gids(self) -> frozenset[int]:
        """The effective group and the further ones."""
        return frozenset((int(self.user.partition(" / ")[2].split()[1]), *map(int, self.groups.split())))


def processes_of(host_pid: int, proc: Path = PROC) -> tuple[Process, ...]:
    """Return the processes that share the process numbering of a container's first one, by number.

    A process that ends while it is read is left out. Needs the permission to look at them: root, or the same user.
    """
    namespace = _link(proc / str(host_pid) / "ns/pid")
    if not namespace:
        return ()
    members = [path for path in proc.iterdir() if path.name.isdigit() and _link(path / "ns/pid") == namespace]
    statuses = {path: status for path in members if (status := read_status(_text(path / "status")))}
    numbers = {status["Pid"]: inner_pid(status) for status in statuses.values()}
    found = (_process(path, status, numbers) for path, status in statuses.items())
    return tuple(sorted(found, key=lambda process: process.pid))


def main_process(processes: tuple[Process, ...]) -> Process | None:
    """Return the process the image is about: the first one below the init and the shell that only started it."""
    current = next((process for process in processes if process.pid == 1), None)
    while current is not None and _only_starts_another(current):
        children = [process for process in processes if process.ppid == current.pid]
        if len(children) != 1:
            return current
        current = children[0]
    return current


def ancestors(process: Process, processes: tuple[Process, ...]) -> tuple[Process, ...]:
    """Return the processes above one, the nearest first."""
    known = {one.pid: one for one in processes}
    found: list[Process] = []
    above = known.get(process.ppid)
    while above is not None and above not in found:
        found.append(above)
        above = known.get(above.ppid)
    return tuple(found)


def _only_starts_another(process: Process) -> bool:
    return process.name in INITS or (process.name in SHELLS and process.argv[1:2] == ("-c",))


def _process(path: Path, status: dict[str, str], numbers: dict[str, int]) -> Process:
    argv = _list(path / "cmdline")
    return Process(
        pid=inner_pid(status),
        ppid=numbers.get(status["PPid"], 0),
        name=status["Name"],
        state=status["State"].partition(" ")[0],
        argv=argv,
        program=_link(path / "exe"),
        cwd=_link(path / "cwd"),
        environment=pairs(_list(path / "environ")),
        user=f"{status['Uid']} / {status['Gid']}",
        groups=status["Groups"],
        umask=status.get("Umask", ""),
        capabilities=status["CapEff"],
        caught=int(status.get("SigCgt", "0"), 16),
        files=_files(path),
    )


def catches(process: Process, signal: int) -> bool:
    """Return whether the process has a handler for a signal."""
    return bool(process.caught >> (signal - 1) & 1)


def listening_ports(host_pid: int, proc: Path = PROC) -> tuple[int, ...]:
    """Return the TCP ports that are listened to in the network of a process, but for those of the loopback alone."""
    rows = [row.split() for name in ("tcp", "tcp6") for row in _text(proc / str(host_pid) / "net" / name).splitlines()]
    places = (row[1].rpartition(":") for row in rows if len(row) > 3 and row[3] == _LISTEN)
    return tuple(sorted({int(port, 16) for address, _, port in places if address not in _LOOPBACK}))


def _files(path: Path) -> tuple[str, ...]:
    mapped = (row.split(maxsplit=5) for row in _text(path / "maps").splitlines())
    names = {row[5] for row in mapped if len(row) == 6}
    try:
        names |= {_link(entry) for entry in (path / "fd").iterdir()}
    except OSError:  # It has ended, or is somebody else's.
        return ()
    return tuple(sorted(name for name in names if name.startswith("/") and not name.startswith(_NO_FILES)))


def read_status(text: str) -> dict[str, str]:
    """Return the fields of a `/proc/<pid>/status` file, runs of white space made single blanks."""
    rows = (line.partition(":") for line in text.splitlines())
    return {name: " ".join(value.split()) for name, _, value in rows}


def inner_pid(status: dict[str, str]) -> int:
    """Return the process number inside the innermost numbering, the last of `NSpid`."""
    return int(status["NSpid"].split()[-1])


def pairs(words: tuple[str, ...]) -> tuple[tuple[str, str], ...]:
    """Return NAME=value words as sorted pairs."""
    return tuple(sorted((word.partition("=")[0], word.partition("=")[2]) for word in words))


def _list(path: Path) -> tuple[str, ...]:
    text = _text(path)
    return tuple(text.removesuffix("\0").split("\0")) if text else ()


def _text(path: Path) -> str:
    try:
        return path.read_text(errors="surrogateescape")
    except OSError:
        return ""


def _link(path: Path) -> str:
    try:
        return str(path.readlink())
    except OSError:
        return ""
