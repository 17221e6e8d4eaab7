"""The pages behind `dfmod explain`: one Markdown file per note, refusal and decision field, in `rewriter/pages`.

Reads the package's own data and nothing else.
"""

from __future__ import annotations

from pathlib import Path

# The fields a decision can name; `env.GOPATH` is the field `env`.
FIELDS = (
    "author",
    "base",
    "cmd",
    "entrypoint",
    "env",
    "files",
    "frontend",
    "healthcheck",
    "init",
    "labels",
    "locale",
    "packages",
    "platform",
    "ports",
    "program",
    "programs",
    "runtime",
    "shell",
    "stage",
    "stopsignal",
    "user",
    "users",
    "volumes",
    "workdir",
    "wrapper",
)

_PAGES = Path(__file__).parent.parent / "pages"


def names() -> tuple[str, ...]:
    """Return the name of every page, sorted."""
    return tuple(sorted(path.stem for path in _PAGES.glob("*.md")))


def ignorable() -> tuple[str, ...]:
    """Return the name of every note and refusal: what can go untold. A decision is a change, which never does."""
    return tuple(name for name in names() if name not in FIELDS)


def page(name: str) -> str | None:
    """Return the page of a name, or None where there is none; a dotted field (`env.GOPATH`) has its field's page."""
    stem = name.partition(".")[0].lower()
    return (_PAGES / f"{stem}.md").read_text(encoding="utf-8") if stem in names() else None


def title(name: str) -> str:
    """Return what a page says in its title line after the name; empty for a bare title.

    Raises:
        KeyError: there is no such page.
    """
    text = page(name)
    if text is None:
        raise KeyError(name)
    return text.partition("\n")[0].removeprefix("#").strip().removeprefix(name).lstrip(": ")
