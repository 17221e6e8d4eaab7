"""The two shapes in which source readers report: something named in a source, and a program that is started."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.analysis.evidence import Evidence


@dataclass(frozen=True, slots=True)
class Found:
    """Something a source names (a path, a port, a module ...), and where."""

    value: str
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Spawn:
    """A program that the source starts. `words` are its literal first words, `()` where even the program is not known.

    With `shell` a shell runs it: `words` is then the script alone, as far as it is literal.
    """

    words: tuple[str, ...]
    shell: bool
    evidence: Evidence


SHELLS = frozenset({"sh", "bash", "dash", "ash", "ksh", "zsh"})


def spawn(words: tuple[str, ...], evidence: Evidence) -> Spawn:
    """Return the start of a program by its words; `sh -c SCRIPT` is the script in a shell."""
    if len(words) > 1 and words[0].rpartition("/")[2] in SHELLS and _is_command_option(words[1]):
        return Spawn(words[2:3], True, evidence)  # noqa: FBT003 - S604 takes `shell=True` for a call of subprocess
    return Spawn(words, shell=False, evidence=evidence)


def _is_command_option(word: str) -> bool:
    return word.startswith("-") and not word.startswith("--") and word.endswith("c")
