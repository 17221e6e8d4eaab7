"""What a Go image has that only its toolchain reads: variables, the PATH to it, caches."""

from __future__ import annotations

from collections.abc import Mapping

from rewriter.analysis.evidence import Evidence
from rewriter.images.model import KnownImage
from rewriter.recipes.places import where
from rewriter.semantics.build import Stage, Step
from rewriter.syntax.words import pairs

# What the Go toolchain reads; a compiled program reads GODEBUG, GOGC and their like, which are not among them.
_TOOLCHAIN = frozenset(
    "CGO_CFLAGS CGO_ENABLED CGO_LDFLAGS GO111MODULE GOARCH GOBIN GOCACHE GOFLAGS GOINSECURE GOLANG_VERSION GOMODCACHE "
    "GONOPROXY GONOSUMCHECK GONOSUMDB GOOS GOPATH GOPRIVATE GOPROXY GOROOT GOSUMDB GOTMPDIR GOTOOLCHAIN".split()
)


def toolchain_variables(stage: Stage) -> Mapping[str, tuple[str, Evidence]]:
    """Return the variables only the toolchain reads, and the PATH that a Go image sets for it, with the reason."""
    root = stage.root
    is_go = isinstance(root, KnownImage) and root.language == "go"
    set_by_base = dict(root.config.env) if isinstance(root, KnownImage) and is_go else {}
    places = {name: where(step.instruction) for step in stage.all_steps for name in _sets(step)}
    dropped: dict[str, tuple[str, Evidence]] = {}
    for name, value in stage.config.env:
        fact = Evidence(f"facts: {getattr(root, 'family', '')}", f"ENV {name}={value}")
        if name in _TOOLCHAIN and is_go:
            dropped[name] = ("only the Go toolchain reads it", places.get(name, fact))
        elif name == "PATH" and set_by_base.get(name) == value:
            dropped[name] = ("it names the folders of the Go toolchain, which stays behind", fact)
    return dropped


def caches_of(stage: Stage) -> tuple[str, ...]:
    """Return the caches of a Go image's toolchain, which hold modules and objects and nothing for run time."""
    root, env = stage.root, dict(stage.config.env)
    if not isinstance(root, KnownImage) or root.language != "go":
        return ()
    modules = env.get("GOMODCACHE") or f"{env.get('GOPATH', '/go').partition(':')[0]}/pkg"
    return (modules, env.get("GOCACHE") or "/root/.cache/go-build")


def _sets(step: Step) -> tuple[str, ...]:
    return tuple(name for name, _, _ in pairs(step.instruction)) if step.instruction.name == "ENV" else ()
