"""`dfmod bot`: visits each repository, prints a JSON line for each on stdout, and tells people on stderr."""

from __future__ import annotations

import gc
from collections.abc import Sequence
from typing import TYPE_CHECKING

from rewriter.cli import forge_options as f
from rewriter.cli import options as o
from rewriter.cli.app import _carry_out, app

if TYPE_CHECKING:
    from rewriter.bot.record import Record
    from rewriter.bot.rehearsal import Write
    from rewriter.cli.forging import Forging, Listed
    from rewriter.cli.screen import Screen


@app.command("bot", help=f.BOT)
def _bot(
    repositories: f.Repositories = None,
    *,
    list_file: f.ListFile = None,
    forge: f.Kind = None,
    api: f.ApiAddress = None,
    token_file: f.TokenFile = None,
    user: f.User = None,
    into: f.Into = None,
    dry_run: f.DryRun = False,
    group: f.Group = None,
    draft: f.Draft = False,
    label: f.Labels = None,
    signing: f.SigningKind = "none",
    signing_key: f.SigningKey = "",
    tier: o.TierName = None,
    nonroot: o.Nonroot = None,
    init_source: o.InitSource = None,
    registry_prefix: o.RegistryPrefix = None,
    pin: o.Pin = None,
    strict: o.Strict = None,
    color: o.Color = "auto",
    quiet: o.Quiet = False,
) -> None:
    def command(screen: Screen) -> int:
        from rewriter.cli.forging import Forging, listed  # noqa: PLC0415
        from rewriter.cli.request import Request  # noqa: PLC0415

        said = Forging(
            forge,
            api,
            token_file,
            user,
            into,
            signing,
            signing_key,
            group,
            draft=draft,
            labels=tuple(label or ()),
            dry_run=dry_run,
            conversion=Request(
                (), tier=tier, nonroot=nonroot, init_source=init_source, registry_prefix=registry_prefix, pin=pin
            ),
        )
        return run(listed(repositories or (), list_file), said, screen, strict=bool(strict))

    _carry_out(command, color, quiet=quiet)


def run(repositories: Sequence[Listed], said: Forging, screen: Screen, *, strict: bool) -> int:
    """Visit every repository and return the exit code.

    0 done; 1 something stood in the way (`--strict`); 2 a repository could not be visited. The others still are.

    Raises:
        UsageError: the arguments contradict each other, or there is no token.
    """
    from rewriter.bot.api import Pace  # noqa: PLC0415
    from rewriter.bot.record import record  # noqa: PLC0415
    from rewriter.bot.visit import visit  # noqa: PLC0415
    from rewriter.cli.forging import desk, forge_at, targets  # noqa: PLC0415

    gc.enable()
    statuses: set[str] = set()
    for target in targets(repositories, said):
        writes: list[Write] = []
        forge = forge_at(target, said, Pace())
        row = record(visit(target, forge, desk(target, said, writes.append if said.dry_run else None)))
        if said.dry_run:
            row["writes"] = [{"what": w.what, "where": w.where, "text": w.text} for w in writes]
        print_record(row, screen)
        tell(row, writes, screen)
        statuses |= {change["status"] for change in row["changes"]}
    return exit_code(statuses, strict=strict)


def print_record(row: Record, screen: Screen) -> None:
    """Print a record as one line of JSON on stdout."""
    import json  # noqa: PLC0415 (`--help` does without)

    screen.data(json.dumps(row, sort_keys=True).encode() + b"\n")


def tell(row: Record, writes: Sequence[Write], screen: Screen) -> None:
    """Tell people what became of a repository, and which writes it would have taken."""
    from rewriter.report.printable import printable  # noqa: PLC0415

    for change in row["changes"]:
        where = " ".join(filter(None, (row["repository"], change["branch"])))
        told = ": ".join(filter(None, (change["status"], change["url"] or change["message"])))
        screen.say(f"{printable(where)}: {printable(told)}\n")
    for write in writes:
        screen.say(f"  would {write.what} {printable(write.where)}\n")
        # A runner reads commands at the beginning of a line; nothing of a repository begins one here.
        screen.say("".join(f"  | {printable(line)}\n" for line in write.text.splitlines()))


def exit_code(statuses: set[str], *, strict: bool) -> int:
    """Return the exit code for the words of a run."""
    from rewriter.bot.status import FAULTS, OBSTACLES  # noqa: PLC0415

    if statuses & {status.value for status in FAULTS}:
        return 2
    return int(strict and bool(statuses & {status.value for status in OBSTACLES}))
