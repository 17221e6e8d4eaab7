"""Print what becomes of a collection of Dockerfiles: `python -m tests.survey INDEX FOLDER [--language L] [--json]`.

INDEX is a file of JSON lines with `repo`, `path`, `language`, `context_dir` and `tags`; FOLDER holds the files as
`<owner>__<name>/<path>`. A file is *runnable* when it parses, is no template, is not for Windows and has a command.
"""

from __future__ import annotations

import argparse
import json
import sys
import traceback
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from rewriter.analysis.context import Context
from rewriter.pipeline import rewrite
from rewriter.plan import Declined, Options, Outcome, Rewritten, Unchanged
from rewriter.syntax.document import decode
from rewriter.syntax.scanner import parse


@dataclass(frozen=True, slots=True)
class Row:
    """One file: where it is, its language, whether it is runnable, and what became of it in two words."""

    path: str
    language: str
    runnable: bool
    outcome: str
    reason: str


def main() -> int:
    """Print the counts; exit code 1 when a file met a bug of ours."""
    parser = argparse.ArgumentParser(prog="python -m tests.survey", description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--language", help="only the files of this language")
    parser.add_argument("--json", action="store_true", help="one JSON object in place of the table")
    parser.add_argument("--list", metavar="REASON", help="list the files with this reason")
    given = parser.parse_args()
    records = [json.loads(line) for line in given.index.read_text().splitlines()]
    rows = [row_of(record, given.folder) for record in records if given.language in {None, record["language"]}]
    if given.list:
        sys.stdout.writelines(f"{row.path}\n" for row in rows if given.list in {row.reason, row.outcome})
    else:
        sys.stdout.write(json.dumps(counts(rows), indent=2) + "\n" if given.json else table(rows))
    return 1 if any(row.outcome == "bug" for row in rows) else 0


def row_of(record: dict[str, Any], folder: Path) -> Row:
    """Return what becomes of the file of one record."""
    root = folder / record["repo"].replace("/", "__")
    path = root / record["path"]
    text = decode(path.read_bytes())
    name = f"{record['repo']}/{record['path']}"
    tags = record["tags"]
    if parse(text).problems:
        return Row(name, record["language"], runnable=False, outcome="unparsable", reason="does not parse")
    runnable = not any(tags.get(tag) for tag in ("template", "windows", "no_entry"))
    context = Context.open(root / (record["context_dir"] or "."), path)
    try:
        outcome = rewrite(text, context, Options())
    except Exception as error:  # A bug is a row of the table, too.
        where = traceback.extract_tb(error.__traceback__)[-1]
        reason = f"{type(error).__name__} {Path(where.filename).name}:{where.lineno} {str(error)[:160]}"
        return Row(name, record["language"], runnable, "bug", reason)
    return Row(name, record["language"], runnable, *_told(outcome))


def _told(outcome: Outcome) -> tuple[str, str]:
    match outcome:
        case Rewritten(_, plan, _):
            return "rewritten", f"{plan.recipe}, {plan.tier.value}"
        case Declined(refusal, _):
            return "declined", refusal.rule.name
        case Unchanged(why, _):
            return "unchanged", why.partition(":")[0]


def counts(rows: list[Row]) -> dict[str, Any]:
    """Return the counts by outcome and reason, and by language, over the runnable files."""
    runnable = [row for row in rows if row.runnable]
    by_language: dict[str, Counter[str]] = defaultdict(Counter)
    for row in runnable:
        by_language[row.language][row.outcome] += 1
    return {
        "files": len(rows),
        "runnable": len(runnable),
        "outcomes": dict(Counter(row.outcome for row in runnable).most_common()),
        "reasons": {f"{o}: {r}": n for (o, r), n in Counter((w.outcome, w.reason) for w in runnable).most_common()},
        "languages": {language: dict(found) for language, found in sorted(by_language.items())},
    }


def table(rows: list[Row]) -> str:
    """Return the counts as text."""
    found = counts(rows)
    total = found["runnable"] or 1
    lines = [f"{found['files']} files, {found['runnable']} of them runnable", ""]
    lines += [f"{n:5}  {100 * n / total:5.1f} %  {name}" for name, n in found["outcomes"].items()]
    lines += ["", *(f"{n:5}  {100 * n / total:5.1f} %  {name}" for name, n in found["reasons"].items()), ""]
    lines += [f"{name:14} {', '.join(f'{n} {o}' for o, n in row.items())}" for name, row in found["languages"].items()]
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
