"""Programs that only run another one: `env`, `exec`, `timeout`, `gosu` and their kind, and shells given a script.

Each row says how the words in front of the other program are read. Options are those of the programs' manuals.
"""

from __future__ import annotations

import re
from posixpath import basename

from rewriter.record import record
from rewriter.semantics.shell.command import Word

SHELLS = frozenset(("sh", "bash", "dash", "ash", "ksh", "mksh", "zsh"))
_ASSIGNMENT = re.compile(r"[A-Za-z_][A-Za-z0-9_]*=")
_MARKER = re.compile(r"-[A-Za-z]*c[A-Za-z]*")


@record
class Prefix:
    """How to find the program behind this one.

    `valued` are the options followed by a value of their own, `operands` the words between the options and the
    program, `user` the operand that names a user, `stops` options with which nothing is run.
    """

    valued: tuple[str, ...] = ()
    operands: int = 0
    assigns: bool = False
    user: str = ""
    stops: tuple[str, ...] = ()


_SUDO = (
    "-u",
    "--user",
    "-g",
    "--group",
    "-h",
    "--host",
    "-p",
    "--prompt",
    "-C",
    "-D",
    "--chdir",
    "-R",
    "-r",
    "-t",
    "-T",
)
_SETPRIV = (
    *("--reuid", "--regid", "--ruid", "--euid", "--rgid", "--egid", "--groups", "--inh-caps", "--ambient-caps"),
    *("--bounding-set", "--securebits", "--pdeathsig", "--selinux-label", "--apparmor-profile"),
)
PREFIXES = {
    "exec": Prefix(valued=("-a",)),
    "command": Prefix(stops=("-v", "-V")),
    "builtin": Prefix(),
    "env": Prefix(valued=("-u", "--unset", "-C", "--chdir", "-S", "--split-string"), assigns=True),
    "nohup": Prefix(),
    "time": Prefix(valued=("-f", "--format", "-o", "--output")),
    "timeout": Prefix(valued=("-k", "--kill-after", "-s", "--signal"), operands=1),
    "nice": Prefix(valued=("-n", "--adjustment")),
    "ionice": Prefix(valued=("-c", "--class", "-n", "--classdata"), stops=("-p", "--pid")),
    "chrt": Prefix(operands=1),
    "setsid": Prefix(),
    "stdbuf": Prefix(valued=("-i", "--input", "-o", "--output", "-e", "--error")),
    "xargs": Prefix(
        valued=("-I", "-n", "-P", "-L", "-d", "-s", "-a", "-E", "--max-args", "--max-procs", "--delimiter")
    ),
    "gosu": Prefix(operands=1, user="operand"),
    "su-exec": Prefix(operands=1, user="operand"),
    "chpst": Prefix(valued=("-u", "-U", "-b", "-e", "-m", "-d", "-o", "-p", "-f", "-c", "-r", "-t", "-n"), user="-u"),
    "s6-setuidgid": Prefix(operands=1, user="operand"),
    "setuidgid": Prefix(operands=1, user="operand"),
    "setpriv": Prefix(valued=_SETPRIV, user="--reuid"),
    "sudo": Prefix(valued=_SUDO, assigns=True, user="-u", stops=("-l", "-v", "-k", "-K")),
    "doas": Prefix(valued=("-u", "-C"), user="-u"),
    "runuser": Prefix(
        valued=("-u", "--user", "-g", "--group", "-G", "--supp-group"), user="-u", stops=("-c", "--command")
    ),
    "chroot": Prefix(valued=("--groups", "--userspec"), operands=1),
    "unshare": Prefix(),
    "flock": Prefix(valued=("-w", "--timeout", "-E", "--conflict-exit-code"), operands=1),
    "tini": Prefix(valued=("-e", "-p")),
    "tini-static": Prefix(valued=("-e", "-p")),
    "docker-init": Prefix(valued=("-e", "-p")),
    "dumb-init": Prefix(valued=("-r", "--rewrite")),
    "catatonit": Prefix(),
    "catchsegv": Prefix(),
    "busybox": Prefix(),
}


@record
class Unwrapped:
    """What a command really runs: `words` are the last program's, `through` the programs (as written) in front."""

    words: tuple[Word, ...]
    through: tuple[str, ...] = ()
    env: tuple[tuple[str, Word], ...] = ()
    user: Word | None = None


def unwrapped(words: tuple[Word, ...]) -> Unwrapped:
    """Return the program behind `exec`, `env V=x`, `nohup`, `gosu user` and the like; the words themselves if none."""
    result = Unwrapped(words)
    while following := behind(result):
        result = following
    return result


def behind(outer: Unwrapped) -> Unwrapped | None:
    """Return the program behind the first one alone; None where that runs no other."""
    words = outer.words
    row = PREFIXES.get(basename(words[0].text or "")) if words else None
    if row is None:
        return None
    start = _after_options(words, row.valued)
    options = words[1:start]
    if any(word.text in row.stops for word in options):
        return None
    env = []
    while row.assigns and start < len(words) and (pair := _assignment(words[start])):
        env.append(pair)
        start += 1
    inner = words[start + row.operands :]
    if not inner or inner[0].text == "-c":
        return None
    user = words[start] if row.user == "operand" else _option_value(options, row.user)
    through = (*outer.through, words[0].text or "")
    return Unwrapped(inner, through, (*outer.env, *env), user or outer.user)


def given_script(words: tuple[Word, ...]) -> Word | None:
    """Return the script in the words of `sh -c SCRIPT`, `su -c SCRIPT`, `eval SCRIPT` or `trap SCRIPT`, if it is one.

    The words of `eval` are joined by blanks; where one of them cannot be told, so is the script.
    """
    name = basename(words[0].text or "") if words else ""
    if name in SHELLS or name in ("su", "runuser", "flock"):
        return _after_marker(words, anywhere=name not in SHELLS)
    if name == "eval" and len(words) > 1:
        texts = [word.text for word in words[1:] if word.text is not None]
        raw = " ".join(word.raw for word in words[1:])
        return Word(" ".join(texts) if len(texts) == len(words) - 1 else None, raw)
    if name == "trap" and len(words) > 2 and not (words[1].text or "").startswith("-"):
        return words[1]
    return None


def script_file(words: tuple[Word, ...]) -> Word | None:
    """Return the file in the words of `sh FILE`, `. FILE` or `source FILE`, if it is one."""
    name = basename(words[0].text or "") if words else ""
    if name in (".", "source") and len(words) > 1:
        return words[1]
    if name not in SHELLS or _after_marker(words, anywhere=False):
        return None
    rest = _after_options(words, ("-o", "+o", "-O", "--rcfile", "--init-file"))
    return words[rest] if rest < len(words) and words[rest].text != "-" else None


def _after_options(words: tuple[Word, ...], valued: tuple[str, ...]) -> int:
    """Return the place of the first word after the options of `words[0]`."""
    place = 1
    while place < len(words):
        text = words[place].text or ""
        if text == "--":
            return place + 1
        if len(text) < 2 or text[0] not in "-+":
            return place
        place += 2 if _takes_next(text, valued) else 1
    return place


def _takes_next(option: str, valued: tuple[str, ...]) -> bool:
    """Whether the option's value is the next word: `-u NAME`, `-iu NAME`, `--user NAME`, not `-uNAME`."""
    if option.startswith("--"):
        return option in valued
    for place, letter in enumerate(option[1:], 2):
        if option[0] + letter in valued:
            return place == len(option)
    return False


def _option_value(options: tuple[Word, ...], name: str) -> Word | None:
    for place, word in enumerate(options):
        text = word.text or ""
        if name and text == name and place + 1 < len(options):
            return options[place + 1]
        if name and text.startswith(name) and text != name:
            return Word(text.removeprefix(name).removeprefix("="), word.raw)
    return None


def _assignment(word: Word) -> tuple[str, Word] | None:
    found = _ASSIGNMENT.match(word.raw)
    if not found:
        return None
    name = found[0][:-1]
    text = None if word.text is None else word.text.removeprefix(found[0])
    return name, Word(text, word.raw.removeprefix(found[0]))


def _after_marker(words: tuple[Word, ...], *, anywhere: bool) -> Word | None:
    """Return the word after `-c` (or `-lc`, `-ec`): among the first options, or anywhere."""
    place = 1
    while place < len(words):
        text = words[place].text or ""
        if anywhere and text.startswith("--command="):
            return Word(text.removeprefix("--command="), words[place].raw)
        if text in ("-c", "--command") or (not anywhere and _MARKER.fullmatch(text)):
            break
        if not anywhere:
            if len(text) < 2 or text[0] not in "-+":
                return None
            place += 1 if text in ("-o", "+o", "-O") else 0
        place += 1
    # Options may still follow: `sh -c -e SCRIPT`.
    following = (word for word in words[place + 1 :] if anywhere or not (word.text or "").startswith(("-", "+")))
    return next(following, None)
