"""Ask BuildKit's own linter about every conversion: `python -m tests.survey.check INDEX FOLDER`.

Runs `docker build --check` on each file before and after, with an empty folder in the place of every base image, and
prints the warnings that only the conversion has. A `# syntax=` line is left out, since no frontend can be pulled.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from collections import Counter
from pathlib import Path

from rewriter.analysis.context import Context
from rewriter.images.catalog import lookup
from rewriter.pipeline import rewrite
from rewriter.plan import Options, Rewritten
from rewriter.semantics.build import Build
from rewriter.semantics.resolve import images_of, resolve
from rewriter.syntax.document import Directive, decode, encode
from rewriter.syntax.scanner import parse


def main() -> int:
    """Print what the linter says of the conversions; exit code 1 when there is a new warning."""
    parser = argparse.ArgumentParser(prog="python -m tests.survey.check", description=__doc__)
    parser.add_argument("index", type=Path)
    parser.add_argument("folder", type=Path)
    given = parser.parse_args()
    checked, new = 0, 0
    for record in map(json.loads, given.index.read_text().splitlines()):
        root = given.folder / record["repo"].replace("/", "__")
        path = root / record["path"]
        text = decode(path.read_bytes())
        if parse(text).problems:
            continue
        outcome = rewrite(text, Context.open(root / (record["context_dir"] or "."), path), Options())
        if isinstance(outcome, Rewritten):
            checked += 1
            found = warnings(outcome.text) - warnings(text)
            new += bool(found)
            for rule, count in sorted(found.items()):
                sys.stdout.write(f"{record['repo']}/{record['path']}: {count} x {rule}\n")
    sys.stdout.write(f"{checked} conversions checked, {new} with a new warning\n")
    return 1 if new or not checked else 0


def warnings(text: str) -> Counter[str]:
    """Return how often each rule of the linter is broken, or the error that keeps the file from being read."""
    document = parse(text)
    gone = [item for item in document.items if isinstance(item, Directive) and item.name == "syntax"]
    for item in gone:
        text = text.replace(text[item.span.start : item.span.end], "", 1)
    build = resolve(document, lookup)
    images = images_of(build) if isinstance(build, Build) else ()
    with tempfile.TemporaryDirectory() as folder:
        contexts = [word for image in images for word in ("--build-context", f"{image}={folder}")]
        command = ["docker", "build", "--check", "--call", "check,format=json", *contexts, "-f", "-", folder]
        done = subprocess.run(command, input=encode(text), capture_output=True, check=False)
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return Counter({done.stderr.decode(errors="replace").strip().rpartition("\n")[2][:200]: 1})
    return Counter(warning["ruleName"] for warning in answer.get("warnings") or ())


if __name__ == "__main__":
    sys.exit(main())
