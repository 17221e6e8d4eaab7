"""What words expand to: the global build arguments, and the variables in force inside a stage.

Follows `defaultArgs`, `buildMetaArgs` and `dispatchArg` of BuildKit's converter. Knows nothing of images.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TypeVar

from rewriter.images.model import Pairs
from rewriter.record import record
from rewriter.semantics.platforms import Platform
from rewriter.semantics.problems import BuildError, located
from rewriter.syntax import words
from rewriter.syntax.document import Instruction
from rewriter.syntax.words import WordError, pairs

_T = TypeVar("_T")

_ELSEWHERE = Platform("elsewhere", "elsewhere", "elsewhere")
# These two steer the builder's own scan and never reach the environment.
_NOT_IN_ENV = ("BUILDKIT_SBOM_SCAN_CONTEXT", "BUILDKIT_SBOM_SCAN_STAGE")


@record
class Request:
    """What the user of the build asks for: a target stage, build arguments, a platform."""

    target: str | None
    args: Mapping[str, str]
    platform: Platform


def global_args(
    arguments: Iterable[Instruction], request: Request, last_stage: str | None, escape: str
) -> dict[str, str]:
    """Return the arguments FROM lines see: the automatic ones, then those of the ARGs before the first FROM.

    Build arguments win over both; a default that is not used is not expanded.

    Raises:
        LocatedError: a default cannot be expanded.
    """
    values = _automatic_args(request, last_stage)
    for instruction in arguments:
        with located(instruction):
            for name, default, mark in pairs(instruction):
                if name in request.args:
                    values[name] = request.args[name]
                elif mark:
                    values[name] = expand(default, values, escape)
    return values


def expand(word: str, values: Mapping[str, str], escape: str) -> str:
    """Return the word with quotes, escapes and variables processed.

    Raises:
        BuildError: the word is refused.
    """
    return _expanded(word, lambda: words.expand(word, values, escape))


def _expanded(word: str, reading: Callable[[], _T]) -> _T:
    """Return what a reading of the word gives; its refusal names the word, as BuildKit's does."""
    try:
        return reading()
    except WordError as error:
        raise BuildError(f"failed to process {json.dumps(word, ensure_ascii=False)}: {error}") from error


def built_elsewhere(request: Request) -> Request:
    """Return the same request on another build platform: what then expands otherwise depends on that platform."""
    return replace(request, args={**request.args, **_platform_args("BUILD", _ELSEWHERE)})


def _automatic_args(request: Request, last_stage: str | None) -> dict[str, str]:
    values = {
        **_platform_args("BUILD", request.platform),
        **_platform_args("TARGET", request.platform),
        "TARGETSTAGE": request.target or last_stage or "default",
    }
    return {name: request.args.get(name, value) for name, value in values.items()}


def _platform_args(prefix: str, platform: Platform) -> dict[str, str]:
    return {
        f"{prefix}PLATFORM": str(platform),
        f"{prefix}OS": platform.os,
        f"{prefix}OSVERSION": platform.version,
        f"{prefix}ARCH": platform.architecture,
        f"{prefix}VARIANT": platform.variant,
    }


@dataclass(slots=True)
class Scope:
    """The variables in force inside a stage, in the order in which they were last set; what a RUN sees."""

    escape: str
    values: dict[str, str] = field(default_factory=dict)
    _pairs: dict[str, tuple[str, str]] = field(default_factory=dict)
    _shown: Pairs | None = ()

    def expand(self, word: str) -> str:
        """Return the word expanded; raises as the function of this name."""
        return expand(word, self.values, self.escape)

    def expand_words(self, text: str) -> tuple[str, ...]:
        """Return the words a text gives after expansion; raises as `expand`."""
        return _expanded(text, lambda: words.expand_words(text, self.values, self.escape))

    def expand_body(self, text: str) -> str:
        """Return the body of a copied heredoc, expanded; raises as `expand`."""
        return _expanded(text, lambda: words.expand_body(text, self.values))

    def assign(self, variables: Iterable[tuple[str, str]]) -> None:
        """Set variables; each becomes the last one."""
        for pair in variables:
            name, value = pair
            self.values.pop(name, None)
            self._pairs.pop(name, None)
            self.values[name] = value
            self._pairs[name] = pair
            self._shown = None

    def variables(self) -> Pairs:
        """Return all variables; as long as nothing is set, the same tuple again."""
        if self._shown is None:
            self._shown = tuple(self._pairs.values())
        return self._shown

    def declare(self, instruction: Instruction, args: Mapping[str, str], global_args: Mapping[str, str]) -> None:
        """Carry out an ARG, one name after another: the build argument wins, then the default, then the global value.

        Raises:
            BuildError: a default that is used cannot be expanded.
        """
        for name, default, mark in pairs(instruction):
            value = args.get(name)
            if value is None:
                value = self.expand(default) if mark else global_args.get(name)
            if value is not None and name not in _NOT_IN_ENV:
                self.assign([(name, value)])
