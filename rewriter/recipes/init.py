"""The init of the final stage: where it comes from, and what has to be true for that.

The default is a download pinned by checksum for each architecture; a site may name a mirror, an image or ask for
the distribution's package instead.
"""

from __future__ import annotations

from collections.abc import Collection

from rewriter.analysis.evidence import Evidence
from rewriter.images.catalog import init_release
from rewriter.images.model import KnownImage
from rewriter.notes import Rule
from rewriter.plan import Copy, Decision, InitStage, Options, Refusal, Safety
from rewriter.recipes.layout import fresh, written_platform
from rewriter.record import record
from rewriter.semantics.build import Build, Stage
from rewriter.semantics.platforms import parse_platform

PATH = "/tini"
ARCHES = ("amd64", "arm64")
OWN_TARGETARCH = Rule("targetarch-with-default", "the file gives TARGETARCH a default of its own")
OTHER_PLATFORM = Rule("platform-without-init", "the file builds for a platform whose tini checksum is not known")
NO_PACKAGE = Rule("no-init-package", "the base image's distribution is not known to package tini")

_INSTALLS = {
    "apt": ("apt-get update && apt-get install -y --no-install-recommends tini", "/usr/bin/tini-static"),
    "apk": ("apk add --no-cache tini-static", "/sbin/tini-static"),
}


@record
class Init:
    """The stage that provides the init (None where an image is copied from) and the line that brings it."""

    stage: InitStage | None
    copy: Copy
    decision: Decision


def choose_init(build: Build, options: Options, evidence: Evidence) -> Init | Refusal | None:
    """Return where tini comes from for this build; None when the user wants no init.

    `evidence` is what makes an init necessary: the command that becomes the main process.
    """
    if options.init == "none":
        return None
    if options.init == "package":
        return _package(build, evidence)
    if options.init == "download" or options.init.startswith(("http://", "https://")):
        return _download(build, options.init, evidence)
    return _image(options.init, evidence)


def _download(build: Build, source: str, evidence: Evidence) -> Init | Refusal:
    release = init_release()
    known = {arch: asset for arch in ARCHES if (asset := release.asset(arch))}
    selector = _selector(build.target)
    if refusal := _unsuited(build, selector, known):
        return refusal
    wanted = [asset for arch, asset in known.items() if "$" in selector or arch == selector]
    folder = release.url.rpartition("/")[0] if source == "download" else source.rstrip("/")
    assets = tuple((asset.arch, f"{folder}/{asset.name}", asset.sha256 or "") for asset in wanted)
    name = fresh(build, "tini")
    stage = InitStage("download", name, PATH, release.version, assets=assets, selector=selector)
    return Init(stage, Copy(name, (PATH,), PATH), _decision(f"tini {release.version}", evidence))


def _selector(stage: Stage) -> str:
    """Return what stands for the final stage's architecture in the name of the stage that has its init.

    The automatic arguments tell the platform that is built for and the builder's own, never that of a single stage.
    Empty where a variable holds the whole platform, so that the architecture cannot be told from it.
    """
    written = written_platform(stage)
    if stage.platform_is_build:
        return "${BUILDARCH}"
    if written is None:
        return "${TARGETARCH}"
    if "$" in written:
        return written.split("/")[1] if "/" in written else ""
    return parse_platform(written).architecture


def _unsuited(build: Build, selector: str, known: Collection[str]) -> Refusal | None:
    """Return why the per-architecture stages would pick a wrong or no binary, if they would."""
    for name, _ in build.args:
        if selector == f"${{{name}}}" and name in {"TARGETARCH", "BUILDARCH"}:
            return _own_default(build, name)
    stage = build.target
    where = Evidence(f"Dockerfile:{stage.instruction.span.line}", stage.instruction.text)
    help_ = "give another source with --init-source package or an image"
    if not selector:
        why = f"{written_platform(stage)} may be any platform, and tini's checksum is known for {' and '.join(known)}"
        return Refusal(OTHER_PLATFORM, why, (where,), help_)
    platform = None if stage.platform_is_build else stage.platform
    if platform and parse_platform(platform).architecture not in known:
        return Refusal(OTHER_PLATFORM, f"tini's checksum for {platform} is not known", (where,), help_)
    return None


def _own_default(build: Build, name: str) -> Refusal:
    line = next(i for i in build.document.instructions if i.name == "ARG" and i.rest.startswith(f"{name}="))
    why = f"`{line.text}` would pick the wrong tini on every other architecture"
    where = Evidence(f"Dockerfile:{line.span.line}", line.text)
    return Refusal(OWN_TARGETARCH, why, (where,), f"write a bare `ARG {name}`, or use --init-source package")


def _package(build: Build, evidence: Evidence) -> Init | Refusal:
    donor = next((s for s in (build.target, *build.stages) if _manager(s) in _INSTALLS and s.ref), None)
    if donor is None or donor.ref is None:
        why = "no stage starts from an image with apt or apk"
        return Refusal(NO_PACKAGE, why, (evidence,), "give another source with --init-source")
    install, path = _INSTALLS[_manager(donor)]
    name = fresh(build, "tini")
    stage = InitStage("package", name, path, "", reference=donor.ref.written, install=install)
    return Init(stage, Copy(name, (path,), PATH), _decision("tini from the distribution's package", evidence))


def _manager(stage: Stage) -> str:
    root = stage.root
    return root.packages or "" if isinstance(root, KnownImage) else ""


def _image(source: str, evidence: Evidence) -> Init:
    reference, colon, path = source.rpartition(":/")
    image, inside = (reference, f"/{path}") if colon and not path.startswith("/") else (source, PATH)
    return Init(None, Copy(image, (inside,), PATH), _decision(f"tini from {image}", evidence))


def _decision(what: str, evidence: Evidence) -> Decision:
    why = "as PID 1 it forwards signals, reaps zombies and keeps the program's children from having PID 1 as parent"
    return Decision("init", f"{what} is PID 1", why, Safety.SAFE, (evidence,))
