"""The shape of a shell script: words made of parts, commands made of words, blocks made of commands.

It is the union of what dash, bash and busybox sh read; where they read the same text differently, the tree says so
(`Dialect`, an operator such as `&>`) and the asker decides. It holds nothing about what a command does.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Text:
    """Literal characters after quote removal; unquoted ones may still be a pattern, a tilde or braces."""

    text: str
    quoted: bool


@dataclass(frozen=True, slots=True)
class Dialect:
    """Quoting that only some shells know, `$'...'` and the `$` of `$"..."`: what bash and what dash make of it."""

    bash: str
    sh: str


@dataclass(frozen=True, slots=True)
class Variable:
    """`$NAME`, `${NAME}` or `${NAME:-word}`; `operator` is "" without one, `argument` the word after it.

    `${#NAME}` has the operator "length", `${!NAME}` "indirect"; `name` may be a special parameter such as `@`.
    """

    name: str
    operator: str
    argument: Word | None
    quoted: bool


@dataclass(frozen=True, slots=True)
class Substitution:
    """A script inside a word: `opener` is `$(`, a backquote, or bash's `<(` and `>(`."""

    opener: str
    body: Block
    quoted: bool


@dataclass(frozen=True, slots=True)
class Arithmetic:
    """`$((...))`, with the expansions that stand in it."""

    parts: tuple[Part, ...]
    quoted: bool


@dataclass(frozen=True, slots=True)
class Array:
    """The words of an array assignment, `NAME=(a b)`."""

    words: tuple[Word, ...]


Part = Text | Dialect | Variable | Substitution | Arithmetic | Array


@dataclass(frozen=True, slots=True)
class Word:
    """One word; `raw` is how it is written."""

    parts: tuple[Part, ...]
    raw: str
    line: int


@dataclass(frozen=True, slots=True)
class Assignment:
    """`NAME=value` in front of a command or alone; `append` for bash's `+=`, `subscript` for an element of an array."""

    name: str
    value: Word
    append: bool = False
    subscript: bool = False


@dataclass(frozen=True, slots=True)
class Redirect:
    """`fd` as written ("" if not); `heredoc` numbers the here-document in `Script.heredocs`, if it is one."""

    fd: str
    operator: str
    target: Word
    heredoc: int | None = None


Redirects = tuple[Redirect, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A simple command: assignments, words and redirections, each possibly none."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: Redirects
    line: int


@dataclass(frozen=True, slots=True)
class Subshell:
    """`( ... )`."""

    body: Block
    redirects: Redirects


@dataclass(frozen=True, slots=True)
class Group:
    """`{ ...; }`."""

    body: Block
    redirects: Redirects


@dataclass(frozen=True, slots=True)
class If:
    """`if`: pairs of condition and body, and the `else` body."""

    branches: tuple[tuple[Block, Block], ...]
    otherwise: Block
    redirects: Redirects


@dataclass(frozen=True, slots=True)
class While:
    """`while` or `until`."""

    condition: Block
    body: Block
    redirects: Redirects


@dataclass(frozen=True, slots=True)
class For:
    """`for` or `select`; `words` is None without `in`, `variable` is "" for bash's `for ((...))`."""

    variable: str
    words: tuple[Word, ...] | None
    body: Block
    redirects: Redirects


@dataclass(frozen=True, slots=True)
class Arm:
    """One arm of a `case`."""

    patterns: tuple[Word, ...]
    body: Block


@dataclass(frozen=True, slots=True)
class Case:
    """`case`."""

    subject: Word
    arms: tuple[Arm, ...]
    redirects: Redirects


@dataclass(frozen=True, slots=True)
class Function:
    """A function definition."""

    name: str
    body: Command


@dataclass(frozen=True, slots=True)
class Test:
    """`[[ ... ]]` (bash, busybox): its words, operators and parentheses left out."""

    words: tuple[Word, ...]
    redirects: Redirects


@dataclass(frozen=True, slots=True)
class Calculation:
    """`((...))` (bash)."""

    parts: tuple[Part, ...]
    redirects: Redirects


Command = Call | Subshell | Group | If | While | For | Case | Function | Test | Calculation


@dataclass(frozen=True, slots=True)
class Pipeline:
    """Commands joined by `|`; `negated` by a `!` in front."""

    commands: tuple[Command, ...]
    negated: bool = False


@dataclass(frozen=True, slots=True)
class Statement:
    """Pipelines with the `&&` or `||` between them (one join fewer than pipelines); `background` for a final `&`."""

    pipelines: tuple[Pipeline, ...]
    joins: tuple[str, ...]
    background: bool = False
    line: int = 1


Block = tuple[Statement, ...]


@dataclass(frozen=True, slots=True)
class Comment:
    """A comment, its `#` included."""

    text: str
    line: int


@dataclass(frozen=True, slots=True)
class Heredoc:
    """A here-document: the text as it stands, and its parts when variables are expanded in it."""

    text: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Script:
    """A whole script."""

    body: Block
    comments: tuple[Comment, ...]
    heredocs: tuple[Heredoc, ...]


@dataclass(frozen=True, slots=True)
class CannotTell:
    """Why a text cannot be read as a script."""

    why: str
    line: int
