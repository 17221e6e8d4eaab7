"""The shape of a shell script: words made of parts, commands made of words, blocks made of commands.

It is the union of what dash, bash and busybox sh read; where they read the same text differently, the tree says so
(`Dialect`, an operator such as `&>`) and the asker decides. It holds nothing about what a command does.
"""

from __future__ import annotations

from rewriter.record import record


@record
class Text:
    """Literal characters after quote removal; unquoted ones may still be a pattern, a tilde or braces."""

    text: str
    quoted: bool


@record
class Dialect:
    """Quoting that only some shells know, `$'...'` and the `$` of `$"..."`: what bash and what dash make of it."""

    bash: str
    sh: str


@record
class Variable:
    """`$NAME`, `${NAME}` or `${NAME:-word}`; `operator` is "" without one, `argument` the word after it.

    `${#NAME}` has the operator "length", `${!NAME}` "indirect"; `name` may be a special parameter such as `@`.
    """

    name: str
    operator: str
    argument: Word | None
    quoted: bool


@record
class Substitution:
    """A script inside a word: `opener` is `$(`, a backquote, or bash's `<(` and `>(`."""

    opener: str
    body: Block
    quoted: bool


@record
class Arithmetic:
    """`$((...))`, with the expansions that stand in it."""

    parts: tuple[Part, ...]
    quoted: bool


@record
class Array:
    """The words of an array assignment, `NAME=(a b)`."""

    words: tuple[Word, ...]


Part = Text | Dialect | Variable | Substitution | Arithmetic | Array


@record
class Word:
    """One word; `raw` is how it is written."""

    parts: tuple[Part, ...]
    raw: str
    line: int


@record
class Assignment:
    """`NAME=value` in front of a command or alone; `append` for bash's `+=`, `subscript` for an element of an array."""

    name: str
    value: Word
    append: bool = False
    subscript: bool = False


@record
class Redirect:
    """`fd` as written ("" if not); `heredoc` numbers the here-document in `Script.heredocs`, if it is one."""

    fd: str
    operator: str
    target: Word
    heredoc: int | None = None


Redirects = tuple[Redirect, ...]


@record
class Call:
    """A simple command: assignments, words and redirections, each possibly none."""

    assignments: tuple[Assignment, ...]
    words: tuple[Word, ...]
    redirects: Redirects
    line: int


@record
class Subshell:
    """`( ... )`."""

    body: Block
    redirects: Redirects


@record
class Group:
    """`{ ...; }`."""

    body: Block
    redirects: Redirects


@record
class If:
    """`if`: pairs of condition and body, and the `else` body."""

    branches: tuple[tuple[Block, Block], ...]
    otherwise: Block
    redirects: Redirects


@record
class While:
    """`while` or `until`."""

    condition: Block
    body: Block
    redirects: Redirects


@record
class For:
    """`for` or `select`; `words` is None without `in`, `variable` is "" for bash's `for ((...))`."""

    variable: str
    words: tuple[Word, ...] | None
    body: Block
    redirects: Redirects


@record
class Arm:
    """One arm of a `case`."""

    patterns: tuple[Word, ...]
    body: Block


@record
class Case:
    """`case`."""

    subject: Word
    arms: tuple[Arm, ...]
    redirects: Redirects


@record
class Function:
    """A function definition."""

    name: str
    body: Command


@record
class Test:
    """`[[ ... ]]` (bash, busybox): its words, operators and parentheses left out."""

    words: tuple[Word, ...]
    redirects: Redirects


@record
class Calculation:
    """`((...))` (bash)."""

    parts: tuple[Part, ...]
    redirects: Redirects


Command = Call | Subshell | Group | If | While | For | Case | Function | Test | Calculation


@record
class Pipeline:
    """Commands joined by `|`; `negated` by a `!` in front."""

    commands: tuple[Command, ...]
    negated: bool = False


@record
class Statement:
    """Pipelines with the `&&` or `||` between them (one join fewer than pipelines); `background` for a final `&`."""

    pipelines: tuple[Pipeline, ...]
    joins: tuple[str, ...]
    background: bool = False
    line: int = 1


Block = tuple[Statement, ...]


@record
class Comment:
    """A comment, its `#` included."""

    text: str
    line: int


@record
class Heredoc:
    """A here-document: the text as it stands, and its parts when variables are expanded in it."""

    text: str
    parts: tuple[Part, ...]


@record
class Script:
    """A whole script."""

    body: Block
    comments: tuple[Comment, ...]
    heredocs: tuple[Heredoc, ...]


@record
class CannotTell:
    """Why a text cannot be read as a script."""

    why: str
    line: int
