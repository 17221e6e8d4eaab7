"""What became of a repository as one JSON value: a line of the output of `bot`, and of the ledger of `fleet`."""

from __future__ import annotations

from typing import Any

from rewriter.bot.visit import Visit
from rewriter.plan import Declined, Rewritten
from rewriter.report.printable import decodable
from rewriter.report.result import Failed, Result, totals

SCHEMA = "dfmod-bot/1"
Record = dict[str, Any]


def record(visit: Visit) -> Record:
    """Return the value; it holds no time and no path of this machine."""
    return {
        "schema": SCHEMA,
        "repository": visit.target.url,
        "forge": visit.target.kind,
        "base": visit.base,
        "totals": totals(visit.results),
        "files": [_file(result) for result in visit.results],
        "changes": [
            {
                "branch": proposed.branch,
                "status": proposed.status.value,
                "number": proposed.number,
                "url": proposed.url,
                "message": decodable(proposed.message),
            }
            for proposed in visit.proposed
        ],
    }


def _file(result: Result) -> Record:
    """Return one file: what became of it, and the tier or the name of what it rests on."""
    outcome = result.outcome
    about = ""
    if isinstance(outcome, Rewritten):
        about = outcome.plan.tier.value
    elif isinstance(outcome, Declined):
        about = outcome.refusal.rule.name
    elif isinstance(outcome, Failed):
        about = outcome.fault.value
    return {"path": decodable(result.path), "outcome": result.status, "about": about}
