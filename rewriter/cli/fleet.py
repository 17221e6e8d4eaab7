"""`dfmod fleet`: survey, report, roll-out, status and close, all over one ledger; JSON Lines on stdout."""

from __future__ import annotations

import gc
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING

import typer

from rewriter.cli import forge_options as f
from rewriter.cli import options as o
from rewriter.cli.app import _carry_out, app

if TYPE_CHECKING:
    from rewriter.bot.api import Pace
    from rewriter.bot.forge import Forge
    from rewriter.bot.record import Record
    from rewriter.bot.target import Target
    from rewriter.cli.forging import Forging, Listed
    from rewriter.cli.screen import Screen

STOPPED = 1
fleet = typer.Typer(name="fleet", help=f.FLEET, no_args_is_help=True, rich_markup_mode=None)
app.add_typer(fleet)


@fleet.command("survey")
def _survey(
    repositories: f.Repositories = None,
    *,
    list_file: f.ListFile = None,
    ledger: f.Ledger = "fleet.jsonl",
    forge: f.Kind = None,
    token_file: f.TokenFile = None,
    user: f.User = None,
    tier: o.TierName = None,
    quiet: o.Quiet = False,
) -> None:
    """Say what could be converted in each repository; read only. One whose base did not move is not read again."""

    def command(screen: Screen) -> int:
        from rewriter.bot.fleet import survey_all  # noqa: PLC0415
        from rewriter.bot.visit import survey  # noqa: PLC0415
        from rewriter.cli.forging import desk  # noqa: PLC0415

        said = _said(forge, None, token_file, user, tier, dry_run=True)
        found = _targets(_listed(repositories, list_file), said)
        rows = survey_all(
            [target for target, _ in found],
            Path(ledger),
            lambda target, known: survey(target, desk(target, said), known),
        )
        return _print(rows, screen)

    _carry_out(command, quiet=quiet)


@fleet.command("roll-out")
def _roll_out(
    repositories: f.Repositories = None,
    *,
    list_file: f.ListFile = None,
    ledger: f.Ledger = "fleet.jsonl",
    limit: f.Limit = 50,
    wave: f.Wave = None,
    writes_per_hour: f.WritesPerHour = 100,
    stop_at: f.StopAt = 0.3,
    forge: f.Kind = None,
    api: f.ApiAddress = None,
    token_file: f.TokenFile = None,
    user: f.User = None,
    tier: o.TierName = None,
    quiet: o.Quiet = False,
) -> None:
    """Open pull requests, wave by wave, under a budget of writes; stops by itself when people decline too many."""

    def command(screen: Screen) -> int:
        from rewriter.bot.api import Pace  # noqa: PLC0415
        from rewriter.bot.fleet import Brake, Budget, follow_all, roll_out  # noqa: PLC0415
        from rewriter.bot.visit import visit  # noqa: PLC0415
        from rewriter.cli.forging import desk, forge_at  # noqa: PLC0415

        said = _said(forge, api, token_file, user, tier)
        found = _targets(_listed(repositories, list_file), said)
        budget = Budget(writes_per_hour)
        pace = Pace(on_write=budget.spend)

        def follow() -> None:
            list(follow_all([target for target, _ in found], Path(ledger), _forges(said, pace)))

        rows = roll_out(
            [(target, one) for target, one in found if wave is None or one == wave],
            Path(ledger),
            lambda target: visit(target, forge_at(target, said, pace), desk(target, said)),
            follow,
            limit=limit,
            budget=budget,
            brake=Brake(stop_at),
        )
        return _print(rows, screen)

    _carry_out(command, quiet=quiet)


@fleet.command("status")
def _status(
    repositories: f.Repositories = None,
    *,
    list_file: f.ListFile = None,
    ledger: f.Ledger = "fleet.jsonl",
    forge: f.Kind = None,
    api: f.ApiAddress = None,
    token_file: f.TokenFile = None,
    user: f.User = None,
    quiet: o.Quiet = False,
) -> None:
    """Say what people made of the pull requests: open, merged, declined; and keep it in the ledger."""

    def command(screen: Screen) -> int:
        from rewriter.bot.api import Pace  # noqa: PLC0415
        from rewriter.bot.fleet import follow_all  # noqa: PLC0415

        said = _said(forge, api, token_file, user, None)
        found = [target for target, _ in _targets(_listed(repositories, list_file), said)]
        return _print(follow_all(found, Path(ledger), _forges(said, Pace())), screen)

    _carry_out(command, quiet=quiet)


@fleet.command("close")
def _close(
    repositories: f.Repositories = None,
    *,
    list_file: f.ListFile = None,
    ledger: f.Ledger = "fleet.jsonl",
    forge: f.Kind = None,
    api: f.ApiAddress = None,
    token_file: f.TokenFile = None,
    user: f.User = None,
    quiet: o.Quiet = False,
) -> None:
    """Call a roll-out back: close the bot's own open pull requests, unless somebody pushed to them."""

    def command(screen: Screen) -> int:
        from rewriter.bot.api import Pace  # noqa: PLC0415
        from rewriter.bot.fleet import close_all  # noqa: PLC0415
        from rewriter.cli.forging import desk  # noqa: PLC0415

        said = _said(forge, api, token_file, user, None)
        found = [target for target, _ in _targets(_listed(repositories, list_file), said)]
        rows = close_all(found, Path(ledger), _forges(said, Pace()), lambda target: desk(target, said).secret)
        return _print(rows, screen)

    _carry_out(command, quiet=quiet)


@fleet.command("report")
def _report(ledger: f.Ledger = "fleet.jsonl") -> None:
    """Print the ledger in numbers, as Markdown."""

    def command(screen: Screen) -> int:
        from rewriter.bot.ledger import read_ledger  # noqa: PLC0415
        from rewriter.bot.tally import tally  # noqa: PLC0415

        if not Path(ledger).is_file():
            raise _usage(f"--ledger: no such file: {ledger}")
        try:
            screen.data(tally(read_ledger(Path(ledger))).encode("utf-8", "backslashreplace"))
        except ValueError as error:
            raise _usage(str(error)) from error
        return 0

    _carry_out(command)


def _said(
    forge: str | None,
    api: str | None,
    token_file: str | None,
    user: str | None,
    tier: str | None,
    *,
    dry_run: bool = False,
) -> Forging:
    from rewriter.cli.forging import Forging  # noqa: PLC0415
    from rewriter.cli.request import Request  # noqa: PLC0415

    if forge == "patch" and not dry_run:
        raise _usage("a fleet needs a forge; `dfmod bot --forge patch` writes mails")
    return Forging(forge, api, token_file, user, into=".", dry_run=dry_run, conversion=Request((), tier=tier))


def _listed(repositories: list[str] | None, file: str | None) -> list[Listed]:
    from rewriter.cli.forging import listed  # noqa: PLC0415

    return listed(repositories or (), file)


def _targets(repositories: list[Listed], said: Forging) -> list[tuple[Target, str]]:
    from rewriter.cli.forging import targets  # noqa: PLC0415

    return [(target, one.wave) for target, one in zip(targets(repositories, said), repositories, strict=True)]


def _forges(said: Forging, pace: Pace) -> Callable[[Target], Forge]:
    from rewriter.cli.forging import api_forge  # noqa: PLC0415

    return lambda target: api_forge(target, said, pace)


def _print(rows: Iterable[Record], screen: Screen) -> int:
    """Print records as they come; return the exit code, 1 where the run stopped by itself."""
    from rewriter.cli.bot import exit_code, print_record, tell  # noqa: PLC0415

    gc.enable()
    statuses: set[str] = set()
    stopped = False
    try:
        for row in rows:
            print_record(row, screen)
            if row.get("step") == "stop":
                stopped = True
                screen.insist(f"stopped: {row['reason']}\n")
                continue
            tell(row, (), screen)
            statuses |= {change["status"] for change in row["changes"]}
    except ValueError as error:
        raise _usage(str(error)) from error
    return STOPPED if stopped else exit_code(statuses, strict=False)


def _usage(message: str) -> Exception:
    from rewriter.cli.faults import UsageError  # noqa: PLC0415

    return UsageError(message)
