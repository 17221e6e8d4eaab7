"""The health check of the final stage: the same probe, without a shell where it is one plain command (hazard H45)."""

from __future__ import annotations

from dataclasses import replace

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import Exec, Healthcheck, Shell
from rewriter.plan import Decision, Health, Kept, Line, Safety
from rewriter.record import record
from rewriter.semantics.build import Stage
from rewriter.semantics.shell import Programs, Simple, programs, simple
from rewriter.syntax.document import Instruction


@record
class Probe:
    """The health check as lines of the final stage, the programs it runs, and whether it needs a shell.

    `optional` are the programs its shell text calls, which it may do without.
    """

    lines: tuple[Line, ...] = ()
    programs: tuple[str, ...] = ()
    needs_shell: bool = False
    decisions: tuple[Decision, ...] = ()
    evidence: tuple[Evidence, ...] = ()
    optional: tuple[str, ...] = ()


def read_health(stage: Stage) -> Probe:
    """Return the stage's health check as the final stage has it.

    `|| exit 1` and the like are taken off: the engine takes any failure as unhealthy (moby daemon/health.go), so
    `CMD probe || exit 1` and `CMD ["probe"]` say the same.
    """
    check = stage.config.healthcheck
    line = next((s.instruction for s in reversed(stage.all_steps) if s.instruction.name == "HEALTHCHECK"), None)
    if check is None:
        return Probe()
    if line is None:
        return _inherited(check)
    match check.command:
        case None:
            return Probe((Kept(line.span),))
        case Exec(words):
            return Probe((Kept(line.span),), words[:1], evidence=(_where(line),))
        case Shell(script, shell):
            return _from_shell(check, script, shell, line)


def _inherited(check: Healthcheck) -> Probe:
    words = check.command.argv[:1] if isinstance(check.command, Exec) else ()
    return Probe((Health(check),), words)


def _from_shell(check: Healthcheck, script: str, shell: tuple[str, ...], line: Instruction) -> Probe:
    found = simple(without_exit(script))
    if isinstance(found, Simple) and found.cwd is None and not found.env and found.words:
        plain = replace(check, kind="CMD", command=Exec(found.words))
        why = "the final stage has no shell, and any exit code but 0 means unhealthy"
        what = f"the probe runs as {' '.join(found.words)}, without a shell"
        decision = Decision("healthcheck", what, why, Safety.SAFE, (_where(line),))
        return Probe((Health(plain),), found.words[:1], decisions=(decision,), evidence=(_where(line),))
    called = programs(script)
    names = tuple(one.name for one in called.called) if isinstance(called, Programs) else ()
    return Probe((Kept(line.span),), shell[:1], needs_shell=True, evidence=(_where(line),), optional=names)


def without_exit(script: str) -> str:
    """Return the script without a final `|| exit N` or `|| false`, which only choose the code of a failure."""
    head, bars, tail = script.rpartition("||")
    words = tail.split()
    only_fails = words == ["false"] or (words[:1] == ["exit"] and len(words) == 2 and words[1].isdecimal())
    return head.strip() if bars and only_fails and words[-1] != "0" else script


def _where(line: Instruction) -> Evidence:
    return Evidence(f"Dockerfile:{line.span.line}", line.text)
