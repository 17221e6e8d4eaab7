"""The words of instructions: expansion of variables, tokens with their places, flags and pairs.

Reads what `scanner.parse` found; never changes a text and knows no image.
"""

from __future__ import annotations

from collections.abc import Mapping

from rewriter.syntax import lexer
from rewriter.syntax.document import Instruction
from rewriter.syntax.lexer import Expansion
from rewriter.syntax.patterns import WordError
from rewriter.syntax.tokens import tokens

__all__ = [
    "Expansion",
    "WordError",
    "expand",
    "expand_body",
    "expand_words",
    "expansion",
    "flag",
    "flags",
    "names_in",
    "pairs",
    "tokens",
    "unmatched",
]


def expand(word: str, env: Mapping[str, str], escape: str = "\\") -> str:
    """Return the word with variables expanded, quotes and escapes processed, as BuildKit's `ProcessWord` does it.

    Raises:
        WordError: BuildKit refuses the word (a quote that stays open, `${x^}`, `${x:?message}` of an unset x ...).
    """
    return lexer.process(word, env, escape).value


def expand_words(text: str, env: Mapping[str, str], escape: str = "\\") -> tuple[str, ...]:
    """Return the words of the text after expansion, as BuildKit's `ProcessWords` does it for EXPOSE.

    Blanks that come out of a variable split words. A `${...}` with a modifier forgets what stands before it in its
    word: `80${X:-81}` is `81`. Raises as `expand`.
    """
    return lexer.process(text, env, escape).words


def expand_body(text: str, env: Mapping[str, str]) -> str:
    """Return the body of a copied heredoc, expanded: quotes stay, and the escape is a backslash whatever the file says.

    Raises as `expand`.
    """
    return lexer.process(text, env, "\\", quotes=False).value


def unmatched(word: str, env: Mapping[str, str], escape: str = "\\") -> tuple[str, ...]:
    """Return the names, sorted, that expanding the word looks up and does not find; raises as `expand`."""
    return tuple(sorted(lexer.process(word, env, escape).unmatched))


def expansion(word: str, env: Mapping[str, str], escape: str = "\\") -> Expansion:
    """Return value, words, and the names found and not found at once; raises as `expand`."""
    return lexer.process(word, env, escape)


def names_in(text: str) -> frozenset[str]:
    """Return every name behind a `$` or `${` of the text, also where quotes or escapes make it plain text.

    For a shell script, of which this lexer knows nothing, it is the names the script may look up by `$`.
    """
    return frozenset(lexer.names(text))


def flag(instruction: Instruction, name: str) -> str | None:
    """Return the value of the first `--name=value` ("" for a bare `--name`), None where the flag is absent."""
    return next(iter(flags(instruction, name)), None)


def flags(instruction: Instruction, name: str) -> tuple[str, ...]:
    """Return the values of all flags of that name, in order; RUN's `--mount` and COPY's `--exclude` repeat."""
    split = (written.partition("=") for written in instruction.flags)
    return tuple(value for written, _, value in split if written == f"--{name}")


def pairs(instruction: Instruction) -> tuple[tuple[str, str, str], ...]:
    """Return (name, raw value, mark) for each variable of an ENV, LABEL or ARG, `()` for other instructions.

    The mark is "=" or, for ENV and LABEL in the old form `ENV name value` and for an ARG without default, "".
    Raw means: quotes, escapes and variables are still there.
    """
    words = instruction.words
    match instruction.name:
        case "ENV" | "LABEL":
            return tuple(zip(words[::3], words[1::3], words[2::3], strict=True))
        case "ARG":
            split = (word.partition("=") for word in words)
            return tuple((name, value, mark) for name, mark, value in split)
        case _:
            return ()
