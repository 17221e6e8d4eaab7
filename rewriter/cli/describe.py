"""`dfmod describe`: prints what the user's container engine knows of an image, as a table for `--images`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rewriter.cli import options as o
from rewriter.cli.app import _carry_out, app

if TYPE_CHECKING:
    from rewriter.cli.screen import Screen

DESCRIBE = """Print what the container engine knows of an image, as a table for --images.

For your own base images, of which dfmod knows nothing. Nothing of the image is run.

\b
Examples:
  dfmod describe registry.example/platform/base:7 > base.toml
  dfmod convert --images base.toml Dockerfile

\b
Exit codes:
  0    printed
  2    wrong usage, no engine, or an image that the engine cannot have
  130  interrupted
"""

Reference = Annotated[str, typer.Argument(metavar="IMAGE", help="The image, as it stands behind FROM.")]
EngineName = Annotated[
    Literal["docker", "podman"] | None, typer.Option("--engine", help="Default: the first that answers.")
]


@app.command("describe", help=DESCRIBE)
def _describe(image: Reference, *, engine: EngineName = None, output: o.Output = None) -> None:
    def command(screen: Screen) -> int:
        return run(image, engine, output, screen)

    _carry_out(command)


def run(image: str, engine: str | None, output: str | None, screen: Screen) -> int:
    """Print the table of an image and return the exit code.

    Raises:
        UsageError: no engine answers.
        FileError: the engine cannot have the image, or the table cannot be written.
    """
    from subprocess import TimeoutExpired  # noqa: PLC0415 (loaded when the command runs, as is all that follows)

    from rewriter.cli.faults import FileError, UsageError  # noqa: PLC0415
    from rewriter.cli.files import save  # noqa: PLC0415
    from rewriter.engine.client import EngineError, NoEngineError, find_client  # noqa: PLC0415
    from rewriter.engine.describe import describe  # noqa: PLC0415

    try:
        text = describe(find_client(engine), image)
    except NoEngineError as error:
        raise UsageError(f"no container engine answers ({error}); start Docker or Podman") from error
    except (EngineError, TimeoutExpired) as error:
        raise FileError(str(error), "see that the engine can pull the image") from error
    if output is not None:
        save(output, text.encode())
    else:
        screen.data(text.encode())
    return 0
