"""`dfmod verify`: its arguments, for typer. What it does is in `verifying`, loaded when it runs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated, Literal

import typer

from rewriter.cli import options as o
from rewriter.cli.app import _carry_out, app

if TYPE_CHECKING:
    from rewriter.cli.screen import Screen

VERIFY = """Build and run a Dockerfile and its conversion, and compare what they do.

Needs Docker with BuildKit, or Podman. Everything that is started is removed at the end.

\b
Examples:
  dfmod verify Dockerfile
  dfmod verify --probe 'GET /health' --env PORT=8080 Dockerfile
  dfmod verify --against Dockerfile.new Dockerfile
  dfmod verify --run-args '--volume data:/data' --format json Dockerfile

\b
Exit codes:
  0    nothing differs but what the conversion announced
  1    something else differs, or the conversion does not build
  2    wrong usage, no engine, or an original that does not build
  130  interrupted
"""

Path_ = Annotated[str, typer.Argument(metavar="PATH", help="A Dockerfile, or the folder with it.")]
Against = Annotated[
    str | None, typer.Option("--against", metavar="FILE", help="Compare with this Dockerfile, not our conversion.")
]
Probes = Annotated[
    list[str] | None,
    typer.Option("--probe", metavar="P", help="A request: 'GET /health', or 'GET :8080/health'. Default: GET /."),
]
RunArgs = Annotated[str, typer.Option("--run-args", metavar="ARGS", help="More options for every container.")]
BuildArgs = Annotated[str, typer.Option("--build-args", metavar="ARGS", help="More options for both builds.")]
Env = Annotated[list[str] | None, typer.Option("--env", "-e", metavar="K=V", help="A variable of every container.")]
Timeout = Annotated[
    float, typer.Option("--timeout", metavar="S", min=1, help="Seconds a program has to answer or to end.")
]
EngineName = Annotated[
    Literal["docker", "podman"] | None, typer.Option("--engine", help="Default: the first that answers.")
]
TextOrJson = Annotated[Literal["text", "json"], typer.Option("--format", help="What to print on stdout.")]


@app.command("verify", help=VERIFY)
def _verify(
    path: Path_,
    *,
    against: Against = None,
    probes: Probes = None,
    run_args: RunArgs = "",
    build_args: BuildArgs = "",
    env: Env = None,
    timeout: Timeout = 30.0,
    engine: EngineName = None,
    format_: TextOrJson = "text",
    context: o.ContextFolder = None,
    target: o.Target = None,
    tier: o.TierName = None,
    nonroot: o.Nonroot = None,
    no_init: o.NoInit = None,
    init_source: o.InitSource = None,
    registry_prefix: o.RegistryPrefix = None,
    templates: o.Templates = None,
    color: o.Color = "auto",
    quiet: o.Quiet = False,
    verbose: o.Verbose = False,
) -> None:
    def command(screen: Screen) -> int:
        from rewriter.cli.request import Request  # noqa: PLC0415
        from rewriter.cli.verifying import Wanted, run  # noqa: PLC0415

        request = Request(
            (path,),
            context=context,
            target=target,
            tier=tier,
            nonroot=nonroot,
            no_init=no_init,
            init_source=init_source,
            registry_prefix=registry_prefix,
            templates=templates,
        )
        wanted = Wanted(
            against=against,
            probes=tuple(probes or ()),
            run_args=run_args,
            build_args=build_args,
            env=tuple(env or ()),
            timeout=timeout,
            engine=engine,
            json=format_ == "json",
        )
        return run(request, wanted, screen)

    _carry_out(command, color, quiet=quiet, verbose=verbose)
