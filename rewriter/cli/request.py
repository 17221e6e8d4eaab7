"""What one `dfmod convert` was asked, as values. Knows nothing of typer."""

from __future__ import annotations

from pathlib import Path

from rewriter.cli.own_images import own_images
from rewriter.plan import Options, Tier
from rewriter.record import record


@record
class Request:
    """A whole run, as the command line has it: None and () where the user said nothing."""

    paths: tuple[str, ...]
    write: bool = False
    check: bool = False
    strict: bool | None = None
    format: str | None = None
    output: str | None = None
    patch: str | None = None
    context: str | None = None
    target: str | None = None
    tier: str | None = None
    nonroot: bool | None = None
    no_init: bool | None = None
    init_source: str | None = None
    registry_prefix: str | None = None
    pin: bool | None = None
    debug_target: bool | None = None
    templates: str | None = None
    images: tuple[str, ...] = ()
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    exclude: tuple[str, ...] = ()
    no_config: bool = False
    jobs: int | None = None
    files_from: str | None = None
    stdin_filename: str | None = None

    @property
    def options(self) -> Options:
        """The options of the conversion itself.

        Raises:
            UsageError: a table of `images` cannot be read, or has a mistake in it.
        """
        return Options(
            target=self.target,
            tier=Tier(self.tier) if self.tier is not None else None,
            nonroot=bool(self.nonroot),
            init="none" if self.no_init else self.init_source or "download",
            registry_prefix=self.registry_prefix or "",
            pin=bool(self.pin),
            debug_target=bool(self.debug_target),
            images=own_images(self.images),
        )

    @property
    def settings(self) -> Settings:
        """What the conversion of one file needs; standard input is the caller's to add."""
        return Settings(
            self.options,
            context=Path(self.context) if self.context is not None else None,
            templates=Path(self.templates) if self.templates is not None else None,
            stdin_filename=self.stdin_filename,
            select=self.select,
            ignore=self.ignore,
            strict=bool(self.strict),
        )


@record
class Settings:
    """What the conversion of one file needs, besides the file. `stdin` is what standard input held, if it was named."""

    options: Options
    context: Path | None = None
    templates: Path | None = None
    stdin: bytes = b""
    stdin_filename: str | None = None
    select: tuple[str, ...] = ()
    ignore: tuple[str, ...] = ()
    strict: bool = False
