"""The golden harness: every folder of fixtures/ goes through the whole line and through the invariants.

A folder holds `Dockerfile`, the expected `expected.Dockerfile` (where there is a conversion), `notes.txt` (outcome,
decisions and notes), and may hold `context/` and `options.toml`. `DFMOD_ACCEPT=1` writes what is missing or changed.
"""

from __future__ import annotations

import os
import tomllib
from functools import cache
from pathlib import Path

import pytest

from rewriter.analysis.context import Context
from rewriter.pipeline import rewrite
from rewriter.plan import Declined, Options, Outcome, Rewritten, Tier, Unchanged
from rewriter.syntax.document import Comment, Instruction, decode, encode
from rewriter.syntax.scanner import parse
from rewriter.syntax.witness import disagreement

FIXTURES = Path(__file__).parent.parent / "fixtures"
# A shell takes no carriage returns: in a file that has them, the closure's script is freed of them before it runs.
RUN_WITHOUT_RETURNS = ("tr -d '\\r' <<'EOF' > /tmp/closure && sh /tmp/closure\r\n", "<<'EOF'\r\n#!/bin/sh\r\n")
CASES = sorted(path.parent.name for path in FIXTURES.glob("*/Dockerfile"))


def options_of(case: str) -> Options:
    path = FIXTURES / case / "options.toml"
    given = tomllib.loads(path.read_text()) if path.exists() else {}
    tier = Tier(given.pop("tier")) if "tier" in given else None
    return Options(tier=tier, **given)


def context_of(case: str) -> Context:
    folder = FIXTURES / case / "context"
    return Context.open(folder) if folder.is_dir() else Context.empty()


def source_of(case: str) -> str:
    return decode((FIXTURES / case / "Dockerfile").read_bytes())


@cache
def outcome_of(case: str) -> Outcome:
    return rewrite(source_of(case), context_of(case), options_of(case))


def told(outcome: Outcome) -> str:
    """Return an outcome as the text that notes.txt holds."""
    match outcome:
        case Rewritten(_, plan, notes):
            head = [f"rewritten: {plan.recipe}, {plan.tier.value}"]
            for d in plan.decisions:
                seen = "; ".join(f"{e.where} {e.quote}" for e in d.evidence)
                head.append(f"{d.field} [{d.safety.value}] {d.what} -- {d.why} ({seen})")
        case Declined(refusal, notes):
            seen = "; ".join(f"{e.where} {e.quote}" for e in refusal.evidence)
            head = [f"declined: {refusal.rule.name}", f"{refusal.why} ({seen})", f"help: {refusal.help}"]
        case Unchanged(why, notes):
            head = [f"unchanged: {why}"]
    said = [f"note {n.rule.name} [{n.severity.value}] line {n.line}: {n.message} -- {n.help}" for n in notes]
    return "\n".join((*head, *said)) + "\n"


def golden(path: Path, actual: bytes) -> bytes:
    """Return the expected bytes; with DFMOD_ACCEPT the actual ones, written down."""
    if os.environ.get("DFMOD_ACCEPT") and (not path.exists() or path.read_bytes() != actual):
        path.write_bytes(actual)
    return path.read_bytes() if path.exists() else b""


@pytest.mark.parametrize("case", CASES)
def test_outcome_is_the_golden_one(case: str) -> None:
    outcome = outcome_of(case)
    assert (
        told(outcome).encode("utf-8", "backslashreplace").decode()
        == golden(FIXTURES / case / "notes.txt", told(outcome).encode("utf-8", "backslashreplace")).decode()
    )
    expected = FIXTURES / case / "expected.Dockerfile"
    if isinstance(outcome, Rewritten):
        assert encode(outcome.text) == golden(expected, encode(outcome.text))
    else:
        assert not expected.exists()


@pytest.mark.parametrize("case", CASES)
def test_result_parses_and_the_second_reader_agrees(case: str) -> None:
    outcome = outcome_of(case)
    text = outcome.text if isinstance(outcome, Rewritten) else source_of(case)
    document = parse(text)
    assert "".join(text[item.span.start : item.span.end] for item in document.items) == text
    if isinstance(outcome, Rewritten):
        assert document.problems == ()
        assert disagreement(document) is None


@pytest.mark.parametrize("case", CASES)
def test_a_second_run_changes_nothing(case: str) -> None:
    outcome = outcome_of(case)
    if isinstance(outcome, Rewritten):
        assert isinstance(rewrite(outcome.text, context_of(case), options_of(case)), Unchanged)


@pytest.mark.parametrize("case", CASES)
def test_the_twin_with_crlf_has_the_same_outcome(case: str) -> None:
    source = source_of(case)
    if "\r" in source:
        return
    twin = rewrite(source.replace("\n", "\r\n"), context_of(case), options_of(case))
    outcome = outcome_of(case)
    assert type(twin) is type(outcome)
    if isinstance(outcome, Rewritten) and isinstance(twin, Rewritten):
        assert twin.text.replace(*RUN_WITHOUT_RETURNS) == outcome.text.replace("\n", "\r\n")


@pytest.mark.parametrize("case", CASES)
def test_no_comment_is_lost(case: str) -> None:
    """A comment goes only with the instruction it stands above."""
    outcome = outcome_of(case)
    if not isinstance(outcome, Rewritten):
        return
    left = [item.text for item in parse(outcome.text).items if isinstance(item, Comment)]
    document = parse(source_of(case))
    kept = {item.text for item in parse(outcome.text).items if isinstance(item, Instruction)}
    owner = ""
    for item in reversed(document.items):
        if isinstance(item, Instruction):
            owner = item.text
        elif isinstance(item, Comment):
            assert item.text in left or (owner and owner not in kept), item.text
        else:
            owner = ""
