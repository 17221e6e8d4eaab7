"""What sort of program is started: launchers, development servers, user switches; and those that nothing is done for.

Judged by the words alone. A launcher is only named here: what it starts is in the project's files.
"""

from __future__ import annotations

from posixpath import basename

from rewriter.images.catalog import init_named
from rewriter.notes import Rule
from rewriter.record import record
from rewriter.semantics.shell import SimpleCommand, Word, commands, unwrapped
from rewriter.semantics.shell.prefixes import SHELLS, Unwrapped, behind, given_script

SUPERVISOR = Rule("supervisor-as-command", "the command is an init or a supervisor of several programs", "H16")
SERVICE = Rule("service-in-command", "the command starts a service in the background, then another program", "H18")
MODULE = Rule("webassembly-module", "the command is a WebAssembly module, which the runtime executes itself", "H44")
PLACEHOLDER = Rule("placeholder-command", "the main process only keeps the container running", "H18")

_SWITCHES = frozenset("gosu su-exec setpriv sudo su runuser chpst s6-setuidgid setuidgid doas".split())
# The launcher, the words after it that make it one (() for any), and whether it stays the program's parent.
_LAUNCHERS: dict[str, tuple[tuple[str, ...], bool]] = {
    "npm": ((), True),
    "npx": ((), True),
    "yarn": ((), True),
    "pnpm": ((), True),
    "pnpx": ((), True),
    "bunx": ((), True),
    "poetry": (("run",), False),
    "pipenv": (("run",), False),
    "pdm": (("run",), False),
    "uv": (("run",), True),
    "bundle": (("exec",), False),
    "go": (("run",), True),
    "cargo": (("run",), False),
    "dotnet": (("run",), True),
    "mvn": ((), True),
    "mvnw": ((), True),
    "gradle": ((), True),
    "gradlew": ((), True),
    "sbt": ((), True),
    "lein": ((), True),
}
_RUNNING_WORDS = frozenset(("run", "exec", "run-script", "dlx", "x"))
_LAUNCHER_VALUED = frozenset(
    ("--prefix", "--cwd", "-C", "--dir", "--filter", "-F", "-w", "--workspace", "-p", "--with")
)
_DEVELOPING_SCRIPTS = frozenset(("dev", "develop", "watch", "start:dev", "dev:start", "start-dev", "serve:dev"))
_WATCHERS = frozenset(
    "nodemon ts-node-dev tsnd webpack-dev-server live-server browser-sync air reflex CompileDaemon watchexec "
    "node-dev supervisor guard rerun shotgun".split()
)
_DEVELOPING_WORDS = {
    "next": ("dev",),
    "nuxi": ("dev",),
    "astro": ("dev",),
    "remix": ("dev",),
    "svelte-kit": ("dev",),
    "ng": ("serve", "s"),
    "webpack": ("serve", "watch"),
    "react-scripts": ("start",),
    "vue-cli-service": ("serve",),
    "gatsby": ("develop",),
    "expo": ("start",),
    "gulp": ("watch",),
    "tsx": ("watch",),
    "fastapi": ("dev",),
    "cargo": ("watch",),
    "dotnet": ("watch",),
    "artisan": ("serve",),
    "manage.py": ("runserver",),
    "hugo": ("server", "serve"),
    "jekyll": ("serve",),
    "mkdocs": ("serve",),
}
# Servers unless told to do something else.
_SERVING_ALONE = {
    "vite": ("build", "preview", "optimize"),
    "nuxt": ("start", "build", "generate", "preview"),
    "parcel": ("build",),
}
_DEVELOPING_OPTIONS = {
    "flask": ("--debug", "--reload"),
    "uvicorn": ("--reload",),
    "gunicorn": ("--reload",),
    "hypercorn": ("--reload",),
    "node": ("--watch",),
    "php": ("-S",),
    "webpack": ("--watch", "-w"),
}
_IDLE = frozenset(("sleep", "true", ":", "[", "test", "wait", "trap", "tail", "read"))
_INTERPRETERS = frozenset(("node", "php", "ruby", "python", "python3", "python2"))


@record
class RunAs:
    """A switch to another user in front of the program: `tool user words`; `words` is what is left without it.

    `exact` says that USER with `user` gives the program the same user and groups, and that nothing else is set.
    """

    tool: str
    user: str
    words: tuple[str, ...]
    exact: bool = True


@record
class Kind:
    """`launcher` ("npm", "poetry run") with `launched`, the words it is given; `stays` if it remains the parent.

    `dev_server` names the development server or watcher. `run_as` is a user switch with a constant user.
    `script_file` is the script the command starts.
    """

    launcher: str | None = None
    launched: tuple[str, ...] = ()
    stays: bool = False
    dev_server: str | None = None
    run_as: RunAs | None = None
    script_file: str | None = None


@record
class Blocked:
    """Why a command is not put under an init, or not converted at all; a `Refusal` without its evidence."""

    rule: Rule
    why: str
    help: str


def kind_of(words: tuple[str, ...], script_file: str | None = None) -> Kind:
    """Return what sort of program these words start; a user switch in front is looked through."""
    run_as = user_switch(words)
    inner = _program(run_as.words if run_as else words)
    launcher, launched, stays = _launcher(inner)
    return Kind(launcher, launched, stays, dev_server(inner), run_as, script_file)


def user_switch(words: tuple[str, ...]) -> RunAs | None:
    """Return the user and the rest of `gosu USER words` and its kind, where the user is constant; None otherwise.

    A login (`su -`) is none: it changes the environment as well.
    """
    tool = basename(words[0]) if words else ""
    if tool not in _SWITCHES:
        return None
    if tool == "su":
        return _su(words)
    found = behind(Unwrapped(_words(words)))
    texts = tuple(word.text or "" for word in found.words) if found else ()
    user = found.user.text if found and found.user else "root"
    options = words[1 : len(words) - len(texts)]
    if not texts or not user or "$" in user or not _only_names_the_user(tool, options):
        return None
    if tool == "setpriv":
        return _setpriv(user, options, texts)
    return RunAs(tool, user, texts, exact=not (found and found.env))


def _setpriv(user: str, options: tuple[str, ...], words: tuple[str, ...]) -> RunAs:
    """USER with a name takes all its groups, with `name:group` that group alone (moby daemon/oci_linux.go)."""
    texts = " ".join(options).replace("=", " ").split()
    group = texts[texts.index("--regid") + 1] if "--regid" in texts[:-1] else ""
    if "--init-groups" in texts:
        return RunAs("setpriv", user, words, exact=group in {"", user})
    return RunAs("setpriv", f"{user}:{group}", words, exact="--clear-groups" in texts and bool(group))


def dev_server(words: tuple[str, ...]) -> str | None:
    """Return what makes these words a development server or a watcher ("vite dev"), None if nothing does."""
    launcher, _, _ = _launcher(words)
    inner = _launched(words)
    if launcher and inner and inner[0] in _DEVELOPING_SCRIPTS:
        return f"{launcher} {inner[0]}"
    return _developing(inner) or _developing(_interpreted(inner))


def _developing(words: tuple[str, ...]) -> str | None:
    name = basename(words[0]) if words else ""
    after = next((word for word in words[1:] if not word.startswith("-")), "")
    if name in _WATCHERS:
        return name
    if name in _SERVING_ALONE:
        return None if after in _SERVING_ALONE[name] else name
    if after in _DEVELOPING_WORDS.get(name, ()):
        return f"{name} {after}"
    options = _DEVELOPING_OPTIONS.get(name, ())
    found = next((word for word in words[1:] if word.partition("=")[0] in options), None)
    return f"{name} {found}" if found else None


def _interpreted(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the module or file an interpreter runs, and its words: `python -m flask run` gives `flask run`."""
    if not words or basename(words[0]) not in _INTERPRETERS:
        return ()
    if "-m" in words[1:]:
        return words[words.index("-m") + 1 :]
    place = next((place for place, word in enumerate(words[1:], 1) if not word.startswith("-")), len(words))
    return words[place:]


def blocked_words(words: tuple[str, ...]) -> Blocked | None:
    """Return why nothing is done for a program that is started by these words, if so."""
    inner = _launched(_program(words))
    if not inner:
        return None
    init = init_named(inner[0])
    if inner[0] == "init" or (init is not None and init.role == "supervisor"):
        why = f"`{inner[0]}` is an init of its own, which must be PID 1, or looks after several programs"
        return Blocked(SUPERVISOR, why, "start one program in each container, without it; then convert")
    if inner[0].endswith(".wasm"):
        why = f"`{inner[0]}` is a WebAssembly module: no program of the image can be put in front of it"
        return Blocked(MODULE, why, "nothing: such an image holds no shell and no process that needs an init")
    if placeholder := _placeholder(inner):
        why = f"`{' '.join(inner)}` is the main process: {placeholder}"
        return Blocked(PLACEHOLDER, why, "make the program itself the command, in the foreground")
    return None


def blocked_script(script: str) -> Blocked | None:
    """Return why nothing is done for a script that starts programs in the background and then only waits, if so."""
    found = [one for one in commands(script) if one.words and not one.nested and not one.function]
    last = _texts(found[-1]) if found else ()
    services = [words for one in found if (words := _texts(one)) and _starts_service(words)]
    if services and last not in services and not _idles(last):
        why = f"`{' '.join(services[0])}` leaves a program behind that nothing looks after, besides `{' '.join(last)}`"
        return Blocked(SERVICE, why, "start one program in each container, in the foreground")
    if services:
        why = f"the script starts a service with `{' '.join(services[0])}`, and nothing looks after it from then on"
        return Blocked(PLACEHOLDER, why, "start one program in each container, in the foreground")
    if len(found) > 1 and _idles(last) and not _works(found):
        why = f"the script starts programs and then only keeps running with `{' '.join(last)}`"
        return Blocked(PLACEHOLDER, why, "make the program itself the command, in the foreground")
    return blocked_words(last) if not found or not found[-1].conditional or not _works(found) else None


def _idles(words: tuple[str, ...]) -> bool:
    """Whether a last command is `wait`, a shell without a script, or does nothing but keep a container running."""
    name = basename(words[0]) if words else ""
    is_shell = name in SHELLS and all(word.startswith("-") for word in words[1:])
    return name == "wait" or is_shell or bool(words and _placeholder(words))


def _works(found: list[SimpleCommand]) -> bool:
    """Whether the script is a loop around something: what it ends with is run again and again, with other commands."""
    again = [_texts(one) for one in found if one.conditional]
    return found[-1].conditional and any(basename(words[0]) not in _IDLE for words in again)


def _program(words: tuple[str, ...]) -> tuple[str, ...]:
    """Look through `env V=x`, `nohup` and the like."""
    return tuple(word.text or "" for word in unwrapped(_words(words)).words)


def _words(words: tuple[str, ...]) -> tuple[Word, ...]:
    return tuple(Word(word, word) for word in words)


def _texts(one: SimpleCommand) -> tuple[str, ...]:
    return tuple(word.text if word.text is not None else word.raw for word in unwrapped(one.words).words)


def _su(words: tuple[str, ...]) -> RunAs | None:
    script = given_script(_words(words))
    users = [word for word in words[1:] if not word.startswith("-") and word != (script.text if script else None)]
    login = any(word in ("-", "-l", "--login") for word in words)
    if script is None or script.text is None or login or len(users) != 1 or "$" in users[0]:
        return None
    return RunAs("su", users[0], ("/bin/sh", "-c", script.text))


def _only_names_the_user(tool: str, options: tuple[str, ...]) -> bool:
    """Whether the options do no more than name user and group; sudo's environment is its own matter then."""
    known: dict[str, tuple[str, ...]] = {
        "setpriv": ("--reuid", "--regid", "--init-groups", "--clear-groups", "--groups", "--"),
        "sudo": ("-u", "--user", "-E", "-H", "-n", "--"),
        "chpst": ("-u",),
        "doas": ("-u",),
        "runuser": ("-u", "--user", "--"),
    }
    allowed = known.get(tool, ("--",))
    return all(word.partition("=")[0] in allowed for word in options if word.startswith("-"))


def _launcher(words: tuple[str, ...]) -> tuple[str | None, tuple[str, ...], bool]:
    name = basename(words[0]) if words else ""
    if name not in _LAUNCHERS:
        return None, (), False
    needed, stays = _LAUNCHERS[name]
    if not needed:
        return name, words[1:], stays
    for place, word in enumerate(words[1:], 1):
        if word in needed:
            return f"{name} {word}", words[place + 1 :], stays
        if not word.startswith("-"):
            break
    return None, (), False


def _launched(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return what stands behind a launcher: `run dev` of npm gives `dev`; the words themselves if there is none."""
    launcher, rest, _ = _launcher(words)
    if launcher is None:
        return words
    while rest and (rest[0].startswith("-") or rest[0] in _RUNNING_WORDS):
        rest = rest[2:] if rest[0] in _LAUNCHER_VALUED else rest[1:]
    return rest


def _placeholder(words: tuple[str, ...]) -> str:
    """Return what a main process does that does nothing."""
    if _starts_service(words):
        return "it starts a service in the background and ends"
    name, rest = basename(words[0]), words[1:]
    follows = any(word == "--follow" or (word[:1] == "-" and word[1:2] != "-" and "f" in word.lower()) for word in rest)
    idle = name in ("sleep", "watch") or (name == "cat" and not rest) or (name == "tail" and (follows or not rest))
    return "it does nothing but keep the container running" if idle else ""


def _starts_service(words: tuple[str, ...]) -> bool:
    by_script = words[0].startswith(("/etc/init.d/", "/etc/rc.d/"))
    starting = any(word in ("start", "restart") for word in words[1:])
    return starting and (by_script or basename(words[0]) in ("service", "systemctl", "rc-service", "invoke-rc.d"))
