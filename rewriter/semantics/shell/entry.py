"""Entry scripts that only prepare a little and then start the program: what is left of them without a shell."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from posixpath import basename, join

from rewriter.images.model import Pairs
from rewriter.record import record
from rewriter.semantics.shell.called import interpreter
from rewriter.semantics.shell.grammar import read
from rewriter.semantics.shell.prefixes import SHELLS
from rewriter.semantics.shell.single import is_errors_to_output, one_call, simple_call
from rewriter.semantics.shell.tables import OWN_VARIABLES
from rewriter.semantics.shell.tree import Call, CannotTell, Part, Script, Statement, Text, Variable, Word
from rewriter.semantics.shell.visit import words_of

_OPTIONS = frozenset("euxEh")
_LONG_OPTIONS = frozenset(("pipefail", "errexit", "nounset", "xtrace"))
# A value that doubles itself line by line would grow without bound.
_LONGEST = 4096
_ARGUMENTS = '"$@"'


@record
class Inlined:
    """What a trivial entry script does.

    `env` is exported; `local` is assigned without `export`, so it reaches the program only where the variable is in
    the environment already. `words` is the program, `()` if the arguments alone are it; `passes_arguments` says
    whether they follow. `executes` is false where the shell stays the parent. `dropped` is what has no counterpart,
    `line` where the program is started.
    """

    env: Pairs
    local: Pairs
    cwd: str | None
    words: tuple[str, ...]
    passes_arguments: bool
    executes: bool
    dropped: tuple[str, ...]
    line: int = 1


@record
class NotInlined:
    """Why a script needs its shell; `defaults` are variables it gives a value where they have none."""

    why: str
    line: int
    defaults: Pairs = ()


@dataclass(slots=True)
class _State:
    exported: dict[str, str] = field(default_factory=dict)
    local: dict[str, str] = field(default_factory=dict)
    cwd: str | None = None
    dropped: list[str] = field(default_factory=list)

    @property
    def known(self) -> dict[str, str]:
        return self.local | self.exported


def inline(script: str) -> Inlined | NotInlined:
    """Return what an entry script comes to, where it is only comments, `set`, assignments, `cd` and one command.

    Everything must be literal, or a variable the script itself has set before. The command comes last; it may be
    `exec "$@"`, or end in `"$@"`.
    """
    tree = read(script)
    if isinstance(tree, CannotTell):
        return NotInlined(tree.why, tree.line)
    if why := _why_not_run(script):
        return NotInlined(why, 1)
    found = _inlined(tree)
    return replace(found, defaults=_defaults(tree)) if isinstance(found, NotInlined) else found


def _why_not_run(script: str) -> str:
    words = interpreter(script)
    names = [basename(word) for word in words]
    shell = names[1:] if names[:1] == ["env"] else names
    if words and not (shell and shell[0] in SHELLS):
        return "not a shell script"
    options = "".join(shell[1:]).removeprefix("-")
    return "" if _OPTIONS.issuperset(options) else f"options of the shell: {' '.join(shell[1:])}"


def _inlined(tree: Script) -> Inlined | NotInlined:
    state = _State()
    calls: list[Call] = []
    for statement in tree.body:
        more = _calls(statement)
        if isinstance(more, str):
            return NotInlined(more, statement.line)
        calls += more
    for call in calls[:-1]:
        if why := _prepare(state, call):
            return NotInlined(why, call.line)
    return _started(state, calls[-1]) if calls else NotInlined("it starts nothing", 1)


def _calls(statement: Statement) -> list[Call] | str:
    """Return the commands of a statement, if they surely run one after the other, or why they do not."""
    if statement.background or "||" in statement.joins:
        return "background" if statement.background else "list"
    calls = [one_call(pipeline) for pipeline in statement.pipelines]
    reasons = [call for call in calls if isinstance(call, str)]
    return reasons[0] if reasons else [call for call in calls if isinstance(call, Call)]


def _prepare(state: _State, call: Call) -> str:
    """Take in one command before the last; return why not, if that cannot be said without a shell."""
    call = _resolved(call, state.known)
    if not call.words and call.assignments:
        return _assign(state, call)
    found = simple_call(replace(call, assignments=()), builtin=True)
    if isinstance(found, str) or call.assignments:
        return found if isinstance(found, str) else "assignment"
    match found.words:
        case ("cd", path) if path and not path.startswith("-"):
            state.cwd = join(state.cwd or "", path)
        case ("export", *names) if names and not any(name.startswith("-") for name in names):
            return _export(state, names)
        case ("set", *options) if options and _only_options(options):
            state.dropped.append(" ".join(found.words))
        case (name, *_):
            return f"`{name}` is run before the program"
        case _:
            return "nothing"
    return ""


def _assign(state: _State, call: Call) -> str:
    found = simple_call(replace(call, words=(Word((Text("_", quoted=True),), "_", call.line),)))
    if isinstance(found, str):
        return found
    for name, text in found.env:
        (state.exported if name in state.exported else state.local)[name] = text
    return ""


def _export(state: _State, words: list[str]) -> str:
    for word in words:
        name, equals, text = word.partition("=")
        if name in OWN_VARIABLES:
            return "assignment of some shells"
        if equals:
            state.exported[name] = text
        elif name in state.local:
            state.exported[name] = state.local.pop(name)
        state.local.pop(name, None)
    return ""


def _only_options(words: list[str]) -> bool:
    long = False
    for word in words:
        if long and word not in _LONG_OPTIONS:
            return False
        if not long and not (word[:1] in ("-", "+") and word[1:] and _OPTIONS.issuperset(word[1:].removesuffix("o"))):
            return False
        long = not long and word.endswith("o")
    return not long


def _started(state: _State, call: Call) -> Inlined | NotInlined:
    call = _resolved(call, state.known)
    passes = bool(call.words) and call.words[-1].raw == _ARGUMENTS
    words = call.words[:-1] if passes else call.words
    executes = bool(words) and words[0].raw == "exec"
    joined = is_errors_to_output(call.redirects)
    state.dropped += ["2>&1"] if joined else []
    if passes and len(words) == executes and not call.assignments and (joined or not call.redirects):
        return replace(_finished(state, (), (), passes=True, executes=executes), line=call.line)
    found = simple_call(replace(call, words=words))
    if isinstance(found, str):
        return NotInlined(found, call.line)
    finished = _finished(state, found.words, found.env, passes=passes, executes=executes)
    return replace(finished, line=call.line)


def _finished(state: _State, words: tuple[str, ...], env: Pairs, *, passes: bool, executes: bool) -> Inlined:
    exported = tuple((state.exported | dict(env)).items())
    local = tuple((name, text) for name, text in state.local.items() if name not in dict(env))
    return Inlined(exported, local, state.cwd, words, passes, executes, tuple(state.dropped))


def _resolved(call: Call, known: dict[str, str]) -> Call:
    """Put in the variables the script has set itself, where no splitting or matching could follow."""
    words = tuple(_filled(word, known) for word in call.words)
    assignments = tuple(replace(one, value=_filled(one.value, known)) for one in call.assignments)
    return replace(call, words=words, assignments=assignments)


def _filled(word: Word, known: dict[str, str]) -> Word:
    return replace(word, parts=tuple(_fill(part, known) for part in word.parts))


def _fill(part: Part, known: dict[str, str]) -> Part:
    if not isinstance(part, Variable) or part.operator or part.name not in known:
        return part
    text = known[part.name]
    if len(text) > _LONGEST:
        return part
    plain = part.quoted or (bool(text) and not any(character in " \t\n*?[" for character in text))
    return Text(text, quoted=True) if plain else part


def _defaults(tree: Script) -> Pairs:
    """Return `V` and `x` of `: "${V:=x}"`, `V=${V:-x}` and `export V=${V:-x}` at the top of a script."""
    found = {}
    calls = (_calls(statement) for statement in tree.body)
    for call in (call for row in calls if not isinstance(row, str) for call in row):
        for part in (part for word in words_of(call) for part in word.parts):
            if isinstance(part, Variable) and part.operator in (":=", "=", ":-", "-") and part.argument:
                text = part.argument.parts
                if all(isinstance(one, Text) for one in text):
                    found[part.name] = "".join(one.text for one in text if isinstance(one, Text))
    return tuple(found.items())
