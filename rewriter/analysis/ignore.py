"""What `.dockerignore` keeps out of the build context, decided as BuildKit decides it while it walks the context.

Follows moby's `ignorefile` (reading) and `patternmatcher.MatchesUsingParentResults` (matching), the pair the
engine uses. Reads no files: the text of the file and the names to judge are handed in.
"""

from __future__ import annotations

from posixpath import normpath

from rewriter.analysis.globs import Glob, ignore_glob
from rewriter.record import record

_LONGEST_LINE = 64 * 1024  # of Go's bufio.Scanner; a longer line makes the engine refuse the file


@record
class Pattern:
    """One line of the file: `text` is cleaned and without its `!`."""

    text: str
    negated: bool
    glob: Glob


@record
class Ignore:
    """The patterns in file order; `problems` are lines at which the engine refuses to build."""

    patterns: tuple[Pattern, ...] = ()
    problems: tuple[str, ...] = ()


@record
class Judged:
    """Whether a path is kept out, and which patterns it fits (its children inherit those)."""

    excluded: bool = False
    fits: tuple[bool, ...] = ()


def parse(data: bytes) -> Ignore:
    """Return the patterns of a `.dockerignore`. A line that Go calls malformed is left out and named as a problem."""
    patterns: list[Pattern] = []
    problems: list[str] = []
    for number, line in enumerate(data.removeprefix(b"\xef\xbb\xbf").split(b"\n"), 1):
        if line.startswith(b"#") or not line.strip():
            continue
        try:
            patterns.append(_pattern(line))
        except ValueError as error:
            problems.append(f"line {number}: {error}")
    return Ignore(tuple(patterns), tuple(problems))


def judge(ignore: Ignore, path: str, parent: Judged | None = None) -> Judged:
    """Return whether `path` is kept out, given the judgement of its folder (None: it lies at the root).

    The last pattern that fits wins; one that fits a folder fits all below it, unless it was passed over there.
    A pattern is passed over when it could change nothing: a plain one on a path already out, a `!` one on a path
    that is in. `*/b` and then `!a` therefore keeps `a/b` out.
    """
    excluded = False
    fits: list[bool] = []
    inherited = parent.fits if parent else ()
    for index, pattern in enumerate(ignore.patterns):
        fit = bool(inherited) and inherited[index]
        if not fit and pattern.negated == excluded:
            fit = pattern.glob.matches(path)
        fits.append(fit)
        if fit:
            excluded = not pattern.negated
    return Judged(excluded, tuple(fits))


def may_return(ignore: Ignore, folder: str) -> bool:
    """Return whether a `!` pattern could bring back something below an excluded folder."""
    inside = f"{folder}/"
    return any(
        pattern.negated and (any(c in "*?[\\" for c in text) or f"{text}/".startswith(inside))
        for pattern in ignore.patterns
        for text in (pattern.text.removesuffix("/**").removesuffix("/*"),)
    )


def clean(path: str) -> str:
    """Return the path as Go's `filepath.Clean` does."""
    return "/" + normpath(path).lstrip("/") if path.startswith("/") else normpath(path)


def _pattern(line: bytes) -> Pattern:
    if len(line) >= _LONGEST_LINE:
        raise ValueError("the line is too long")
    text = line.decode("utf-8", "surrogateescape").strip()
    bang = "!" if text.startswith("!") else ""
    text = text[len(bang) :].strip()
    text = clean(text) if text else text
    # Reader and matcher are two programs in the engine and both clean, so `/!a` is an exception, too.
    text = clean(bang + (text[1:] if len(text) > 1 and text.startswith("/") else text))
    if text == "!":
        raise ValueError('illegal exclusion pattern: "!"')
    negated = text.startswith("!")
    return Pattern(text[negated:], negated, ignore_glob(text[negated:]))
