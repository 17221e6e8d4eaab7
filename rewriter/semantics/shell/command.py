"""The simple commands of a script, laid out flat for those who look for one."""

from __future__ import annotations

from rewriter.record import record


@record
class Word:
    """A word after expansion: `text`, None where it cannot be told; `raw` as written.

    `pattern` says that the text has unquoted `*`, `?` or `[` in it and may stand for the files that match.
    """

    text: str | None
    raw: str
    pattern: bool = False


@record
class Redirection:
    """`operator` with its file descriptor ("" if not written) and target; `body` is the text of a here-document."""

    fd: str
    operator: str
    target: Word
    body: str | None = None


@record
class SimpleCommand:
    """One simple command and where it stands.

    `cwd` is the working directory as far as `cd` says: below where the script starts if relative, "" right there,
    None where it cannot be told. `joined` is the operator in front ("" for the first, `;` for a new line too).
    `conditional` commands may not run (branches, right sides of `||`, of `&&` after a test, function bodies);
    `nested` ones stand inside `$(...)`, backquotes or the text given to `sh -c`.
    """

    words: tuple[Word, ...]
    assignments: tuple[tuple[str, Word], ...] = ()
    redirects: tuple[Redirection, ...] = ()
    cwd: str | None = ""
    joined: str = ""
    conditional: bool = False
    nested: bool = False
    function: str = ""
    line: int = 1

    @property
    def name(self) -> str | None:
        """The first word; None where it cannot be told or there is none."""
        return self.words[0].text if self.words else None

    @property
    def arguments(self) -> tuple[str | None, ...]:
        """The texts of the words after the first."""
        return tuple(word.text for word in self.words[1:])

    @property
    def argv(self) -> tuple[str, ...] | None:
        """All words, if all are known."""
        texts = tuple(word.text for word in self.words if word.text is not None)
        return texts if len(texts) == len(self.words) else None
