"""The plan of a conversion: a value that can be printed, compared and argued with. Holds no text of its own making.

Two laws are kept by these types: a `Decision` cannot be built without evidence, and a `Plan` lists every decision it
rests on. `contract` checks the other half, that no difference goes without a decision.
"""

from __future__ import annotations

from enum import Enum

from rewriter.analysis.evidence import Evidence
from rewriter.images.family import Family
from rewriter.images.model import Healthcheck, Libc, Packages, Pairs
from rewriter.notes import Note, Rule
from rewriter.record import record
from rewriter.syntax.document import Span
from rewriter.syntax.edits import Edit


class Safety(Enum):
    """SAFE: the same behaviour. REVIEW: may differ, a person should look."""

    SAFE = "safe"
    REVIEW = "review"


class Tier(Enum):
    """How far the conversion goes; see the README's table of tiers."""

    DISTROLESS = "distroless"
    DISTROLESS_WITH_SHELL = "distroless+shell"
    SLIM = "slim"
    INIT_ONLY = "init"


@record
class Decision:
    """One change and its reason. `field` names what differs: "base", "init", "cmd", "env.GOPATH", "files" ...

    Raises:
        ValueError: no evidence is given (house law one).
    """

    field: str
    what: str
    why: str
    safety: Safety
    evidence: tuple[Evidence, ...]

    def __post_init__(self) -> None:
        if not self.evidence:
            raise ValueError(f"decision on {self.field} without evidence")


@record
class Refusal:
    """Why nothing is converted, and what the user can do about it."""

    rule: Rule
    why: str
    evidence: tuple[Evidence, ...]
    help: str


@record
class Copy:
    """One COPY line of the final stage: from a stage, `sources` to `target`."""

    stage: str
    sources: tuple[str, ...]
    target: str
    chown: str = ""
    chmod: str = ""


@record
class Kept:
    """A piece of the original text, in the final stage byte for byte: instructions with their comments, blank lines."""

    span: Span


@record
class From:
    """The FROM line of the final stage, with the comment line above it; `as_word` is AS as the line had it."""

    image: str
    name: str | None
    platform: str | None = None
    comment: str = ""
    as_word: str = "AS"


@record
class Arg:
    """An ARG line of the final stage."""

    name: str
    default: str | None = None


@record
class Env:
    """An ENV line of the final stage. Where it `expands`, the values are written as they are, variables in them."""

    pairs: Pairs
    expands: bool = False


@record
class Workdir:
    """A WORKDIR line of the final stage."""

    path: str


@record
class User:
    """A USER line of the final stage."""

    name: str


@record
class Stopsignal:
    """A STOPSIGNAL line of the final stage."""

    signal: str


@record
class Expose:
    """An EXPOSE line of the final stage."""

    ports: tuple[str, ...]


@record
class Volume:
    """A VOLUME line of the final stage."""

    paths: tuple[str, ...]


@record
class Label:
    """A LABEL line of the final stage."""

    pairs: Pairs


@record
class Health:
    """A HEALTHCHECK line of the final stage."""

    check: Healthcheck


@record
class Entrypoint:
    """The ENTRYPOINT line of the final stage, always in exec form."""

    argv: tuple[str, ...]


@record
class Cmd:
    """The CMD line of the final stage, always in exec form."""

    argv: tuple[str, ...]


Line = (
    From | Arg | Copy | Kept | Env | Workdir | User | Stopsignal | Expose | Volume | Label | Health | Entrypoint | Cmd
)


@record
class InitStage:
    """The stage (or stages) that provide the init; `path` is where the final stage gets it from, inside `stage`.

    `kind` is "download" (per architecture, checksum-pinned), "image" (copied from `reference`) or "package"
    (the distribution's package, installed in a stage of the build's base). `assets` are (architecture, url,
    sha256) rows of a download, `selector` picks among them: an architecture, or a variable that holds one.
    """

    kind: str
    stage: str
    path: str
    version: str
    reference: str = ""
    assets: tuple[tuple[str, str, str], ...] = ()
    install: str = ""
    selector: str = "${TARGETARCH}"


@record
class Closure:
    """The stage that gathers, under one folder, everything the final stage needs from `build`.

    `compare` is the image `build` started from: what the build added to it is carried, less what `without` names.
    `trees` are carried whole, and what is there of `patterns`; `programs` by name with the packages' own files,
    `optional` likewise where the image has them. `scripts` are programs that may be scripts: their interpreters come
    along, and what the words of a shell's scripts name. `installed` are packages carried whole even where the base has
    them already. `drop` are packages left behind with what only they needed. `users` are names or ids whose passwd and
    group rows are carried.

    `base` is what FROM says of the compared image where `compare` has to be made a stage: a variable or a
    `--platform` cannot stand in a mount. `as_root`: the build ends with another user. `libc` and `packages` are
    those of the image; None: not known, or none. `merged_usr`: its `/lib` is known to be a link to `/usr/lib`.
    `run`: something may be looked for below `/var/run`. `nonroot`: the final image runs as distroless's own user.
    """

    stage: str
    build: str
    compare: str
    trees: tuple[str, ...] = ()
    programs: tuple[str, ...] = ()
    installed: tuple[str, ...] = ()
    drop: tuple[str, ...] = ()
    without: tuple[str, ...] = ()
    users: tuple[str, ...] = ()
    base: str = ""
    as_root: bool = False
    libc: Libc | None = "glibc"
    packages: Packages | None = None
    merged_usr: bool = False
    optional: tuple[str, ...] = ()
    scripts: tuple[str, ...] = ()
    patterns: tuple[str, ...] = ()
    run: bool = True
    nonroot: bool = False


@record
class RuntimeStage:
    """The final stage: its base image and its lines in order, FROM first."""

    base: str
    lines: tuple[Line, ...]


@record
class Plan:
    """A conversion.

    `keep` are the edits of the text that stays. The new stages stand where `at` is: in place of those characters
    (the original final stage, edited in place) or, where `at` is empty, between the kept stages. `debug` is a stage
    like the final one with a shell besides, above it and so not built by default. `empty` names a stage that holds
    nothing, from which folders are made for a user to write to.
    """

    recipe: str
    tier: Tier
    keep: tuple[Edit, ...]
    at: Span
    init: InitStage | None
    closure: Closure | None
    runtime: RuntimeStage
    decisions: tuple[Decision, ...]
    notes: tuple[Note, ...] = ()
    debug: RuntimeStage | None = None
    empty: str = ""


@record
class Rewritten:
    """A conversion that passed the contract check."""

    text: str
    plan: Plan
    notes: tuple[Note, ...]


@record
class Declined:
    """Nothing is converted, for a named reason."""

    refusal: Refusal
    notes: tuple[Note, ...]


@record
class Unchanged:
    """There is nothing to do."""

    why: str
    notes: tuple[Note, ...] = ()


Outcome = Rewritten | Declined | Unchanged


@record
class Options:
    """What the user asked for. `init` is "download", "none", an image reference, "package" or a mirror URL.

    `images` are the user's own tables of base images.
    """

    target: str | None = None
    tier: Tier | None = None
    nonroot: bool = False
    init: str = "download"
    registry_prefix: str = ""
    pin: bool = False
    debug_target: bool = False
    images: tuple[Family, ...] = ()
