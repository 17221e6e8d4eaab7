"""Which path of one stage or of the context becomes which path of another stage."""

from __future__ import annotations

from fnmatch import fnmatchcase
from posixpath import basename, dirname, isabs, join, normpath

from rewriter.analysis.context import Context
from rewriter.semantics.build import CopyStep, Stage


def copied_to(step: CopyStep, path: str) -> str | None:
    """Return where a COPY puts `path` of its origin; None when it does not copy it.

    Follows the reference: a folder is copied as its contents; a file goes into a target that ends in a slash, and to
    the target's own name otherwise. Patterns match as Go's filepath.Match does for one component.
    """
    for written in step.sources:
        source = normpath(join("/", written))
        if source == "/":
            return normpath(join(step.target, path.lstrip("/")))
        if _matches(source, path):
            return normpath(join(step.target, basename(path)) if _into_folder(step) else step.target)
        if path.startswith(f"{source}/"):
            return normpath(join(step.target, path[len(source) + 1 :]))
    return None


def source_of(stage: Stage, context: Context, path: str) -> str | None:
    """Return the file of the context that lies at `path` in the stage, through the stages it was copied from.

    The last COPY that brings a file which exists wins, as in the image; None where no COPY from the context does.
    """
    for step in reversed(stage.all_steps):
        if not isinstance(step, CopyStep):
            continue
        for candidate in _origins(step, context, path):
            if isinstance(step.origin, Stage):
                found = source_of(step.origin, context, candidate)
                if found is not None:
                    return found
            elif step.origin is None and context.exists(candidate.lstrip("/")):
                return candidate.lstrip("/")
    return None


def locate(stage: Stage, context: Context, word: str) -> tuple[str, str | None]:
    """Return the path that a command word has in the stage's image, and the file of the context that lies there.

    A relative word is looked up in the work directory, a bare one on PATH; one that no COPY brings stays as it is.
    """
    if "/" in word:
        path = normpath(join(stage.config.workdir or "/", word))
        return path, source_of(stage, context, path)
    for folder in dict(stage.config.env).get("PATH", "").split(":"):
        path = join(folder, word)
        file = source_of(stage, context, path) if isabs(folder) else None
        if file:
            return path, file
    return word, None


def locate_script(stage: Stage, context: Context, word: str, cwd: str | None = None) -> tuple[str, str | None]:
    """Return the same for the word of a script, which a shell that is given a bare name looks up where it works first.

    `cwd` is the work directory where it is not the image's.
    """
    path = normpath(join(stage.config.workdir or "/", cwd or "", word))
    file = source_of(stage, context, path)
    return (path, file) if file or "/" in word else locate(stage, context, word)


def _origins(step: CopyStep, context: Context, path: str) -> tuple[str, ...]:
    """Return the paths of the step's origin that could end up at `path`."""
    target = normpath(step.target)
    found: list[str] = []
    for written in step.sources:
        source = normpath(join("/", written))
        plain = source if step.origin is not None else _only_match(context, source)
        if path == target or (
            _into_folder(step) and dirname(path) == target and fnmatchcase(basename(path), basename(source))
        ):
            found.append(join(dirname(source), basename(path)) if "*" in source or "?" in source else plain)
        if path.startswith(f"{target.rstrip('/')}/"):
            found.append(normpath(join(source, path[len(target.rstrip("/")) + 1 :])))
    return tuple(found)


def _only_match(context: Context, source: str) -> str:
    """Return the one file of the context a source names; the source itself where it names none or several."""
    names = context.matches(source.lstrip("/"))
    return f"/{names[0]}" if len(names) == 1 else source


def _into_folder(step: CopyStep) -> bool:
    return step.target.endswith("/") or len(step.sources) > 1


def _matches(pattern: str, path: str) -> bool:
    """Return whether a pattern names the path, component by component."""
    wanted, have = pattern.split("/"), path.split("/")
    return len(wanted) == len(have) and all(fnmatchcase(h, w) for w, h in zip(wanted, have, strict=True))
