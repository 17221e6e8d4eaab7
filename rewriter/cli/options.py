"""The options of `dfmod convert` and their help: what typer makes of a parameter of each type."""

from __future__ import annotations

from typing import Annotated, Literal

import typer

from rewriter.cli.keys import KEYS

Paths = Annotated[
    list[str] | None,
    typer.Argument(metavar="[PATH]...", help="Files, folders to search, or - for stdin. Default: this folder."),
]
Write = Annotated[bool, typer.Option("-w", "--write", help="Replace the files.")]
Check = Annotated[bool, typer.Option("--check", help="Exit 1 if anything would change.")]
Format = Annotated[
    Literal["diff", "dockerfile", "json", "jsonl", "sarif", "github", "gitlab", "rdjson", "junit", "markdown", "html"]
    | None,
    typer.Option("--format", help="What to print on stdout. Default: diff; with --write, nothing."),
]
Output = Annotated[str | None, typer.Option("-o", "--output", metavar="FILE", help="Print to a file.")]
Patch = Annotated[str | None, typer.Option("--patch", metavar="FILE", help="Save the diff here besides.")]
# None: the command line says nothing, so a configuration file may.
ContextFolder = Annotated[str | None, typer.Option("--context", metavar="DIR", help=KEYS["context"].help)]
Target = Annotated[str | None, typer.Option("--target", metavar="STAGE", help=KEYS["target"].help)]
TierName = Annotated[
    Literal["distroless", "distroless+shell", "slim", "init"] | None, typer.Option("--tier", help=KEYS["tier"].help)
]
Nonroot = Annotated[bool | None, typer.Option("--nonroot/--no-nonroot", help=KEYS["nonroot"].help)]
NoInit = Annotated[bool | None, typer.Option("--no-init/--init", help=KEYS["no-init"].help)]
InitSource = Annotated[str | None, typer.Option("--init-source", metavar="S", help=KEYS["init-source"].help)]
RegistryPrefix = Annotated[
    str | None, typer.Option("--registry-prefix", metavar="P", help=KEYS["registry-prefix"].help)
]
Pin = Annotated[bool | None, typer.Option("--pin/--no-pin", help=KEYS["pin"].help)]
DebugTarget = Annotated[bool | None, typer.Option("--debug-target/--no-debug-target", help=KEYS["debug-target"].help)]
Templates = Annotated[str | None, typer.Option("--templates", metavar="DIR", help=KEYS["templates"].help)]
Images = Annotated[
    list[str] | None,
    typer.Option("--images", metavar="FILE", help="A table of your own base images, as `dfmod describe` prints it."),
]
Select = Annotated[list[str] | None, typer.Option("--select", metavar="NAME", help=KEYS["select"].help)]
Ignore = Annotated[list[str] | None, typer.Option("--ignore", metavar="NAME", help=KEYS["ignore"].help)]
Strict = Annotated[bool | None, typer.Option("--strict/--no-strict", help=KEYS["strict"].help)]
Exclude = Annotated[list[str] | None, typer.Option("--exclude", metavar="P", help=KEYS["exclude"].help)]
NoConfig = Annotated[bool, typer.Option("--no-config", help="Read no configuration file.")]
Color = Annotated[Literal["auto", "always", "never"], typer.Option("--color", help="When to colour.")]
Quiet = Annotated[bool, typer.Option("-q", "--quiet", help="Only errors on stderr.")]
Verbose = Annotated[bool, typer.Option("-v", "--verbose", help="All evidence on stderr, in its own words.")]
Jobs = Annotated[int | None, typer.Option("-j", "--jobs", metavar="N", min=1, help="Processes. Default: by the files.")]
FilesFrom = Annotated[
    str | None,
    typer.Option("--files-from", metavar="F", help="Read more paths from a file, - for stdin; one a line, or by NUL."),
]
StdinFilename = Annotated[
    str | None, typer.Option("--stdin-filename", metavar="F", help="The file that stdin stands for.")
]

CONVERT = """Show or make the conversion of Dockerfiles.

The diff is on stdout, the reasons are on stderr; nothing is written without --write.

\b
Examples:
  dfmod convert                      all Dockerfiles below this folder
  dfmod convert --check -q .         for CI: exit code 1 if anything would change
  dfmod convert -w app/Dockerfile    write it
  dfmod convert > p; git apply p     the same by way of git
  dfmod convert --format json -o report.json services/
  dfmod convert --format dockerfile - < Dockerfile

\b
Exit codes:
  0    done, shown or written, also when files were declined
  1    something would change (--check) or was declined (--strict)
  2    wrong usage, or a file that cannot be read, parsed or written
       (the others are done)
  70   a bug in dfmod; nothing was written for that file
  130  interrupted
  141  nobody read the output to its end
"""

EXPLAIN = """Print the page of a note, a refusal or a decision.

\b
Examples:
  dfmod explain                      list all names
  dfmod explain healthcheck          what a decision on the health check is
"""

DFMOD = """Rewrite Dockerfiles: multi-stage, distroless, tini as PID 1.

\b
Examples:
  dfmod convert                      show what would change below this folder
  dfmod convert -w Dockerfile        change one file
  dfmod explain entrypoint           what a decision on the entrypoint is
"""
