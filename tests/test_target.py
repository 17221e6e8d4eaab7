"""The stage that is converted: its platform, which the init has to be of, and whether it is the one that is shipped."""

from __future__ import annotations

import pytest

from rewriter.analysis.context import Context
from rewriter.pipeline import rewrite
from rewriter.plan import Declined, Options, Outcome, Rewritten

END = 'RUN make\nCMD ["/app"]\n'


def converted(text: str, target: str | None = None) -> Outcome:
    return rewrite(text, Context.empty(), Options(target=target))


@pytest.mark.parametrize(
    ("lines", "init", "final"),
    [
        ("FROM debian:12", "tini-${TARGETARCH}", None),
        ("FROM --platform=$TARGETPLATFORM debian:12", "tini-${TARGETARCH}", None),
        ("FROM --platform=$BUILDPLATFORM debian:12", "tini-${BUILDARCH}", "$BUILDPLATFORM"),
        ("FROM --platform=linux/arm64 debian:12", "tini-arm64", "linux/arm64"),
        ("FROM --platform=linux/x86_64 debian:12", "tini-amd64", "linux/x86_64"),
        ("ARG A=arm64\nFROM --platform=linux/$A debian:12", "tini-$A", "linux/$A"),
        # a stage on another stage has the platform of that one
        ("FROM --platform=$BUILDPLATFORM debian:12 AS base\nFROM base", "tini-${BUILDARCH}", "$BUILDPLATFORM"),
        ("FROM --platform=linux/arm64 debian:12 AS base\nFROM base", "tini-arm64", "linux/arm64"),
    ],
)
def test_the_init_is_of_the_platform_of_the_final_stage(lines: str, init: str, final: str | None) -> None:
    outcome = converted(f"{lines}\n{END}")
    assert isinstance(outcome, Rewritten)
    froms = [line for line in outcome.text.splitlines() if line.startswith("FROM")]
    assert f"FROM {init} AS tini" in froms
    platform = f"--platform={final} " if final else ""
    assert froms[-1] == f"FROM {platform}gcr.io/distroless/static-debian13"


@pytest.mark.parametrize(
    ("lines", "name"),
    [
        ("ARG P=linux/arm64\nFROM --platform=$P debian:12", "platform-without-init"),
        ("FROM --platform=linux/arm/v7 debian:12", "platform-without-init"),
        ("ARG A=s390x\nFROM --platform=linux/$A debian:12", "platform-without-init"),
        ("ARG TARGETARCH=amd64\nFROM debian:12", "targetarch-with-default"),
        ("ARG BUILDARCH=amd64\nFROM --platform=$BUILDPLATFORM debian:12", "targetarch-with-default"),
    ],
)
def test_a_platform_that_no_init_is_known_for(lines: str, name: str) -> None:
    outcome = converted(f"{lines}\n{END}")
    assert isinstance(outcome, Declined)
    assert outcome.refusal.rule.name == name


STAGES = f"FROM debian:12 AS app\n{END}FROM app AS {{}}\nRUN apt-get update\n"


@pytest.mark.parametrize(
    ("name", "count"),
    [("dev", 1), ("dev-envs", 1), ("my_test", 1), ("DEBUG", 1), ("device", 0), ("prod", 0)],
)
def test_a_development_stage_that_comes_last_is_pointed_out(name: str, count: int) -> None:
    outcome = converted(STAGES.format(name))
    assert isinstance(outcome, Rewritten)
    notes = [note for note in outcome.notes if note.rule.name == "development-stage-last"]
    assert [note.help for note in notes] == ["name the stage that is shipped: --target app"] * count


def test_a_stage_that_is_named_is_meant() -> None:
    outcome = converted(STAGES.format("dev"), "dev")
    assert isinstance(outcome, Rewritten)
    assert outcome.notes == ()


def test_the_only_stage_may_have_any_name() -> None:
    outcome = converted(f"FROM debian:12 AS dev\n{END}")
    assert isinstance(outcome, Rewritten)
    assert outcome.notes == ()
