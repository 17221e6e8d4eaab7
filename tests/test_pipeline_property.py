"""Any Dockerfile put together from common lines: converted, declined or left alone, never a bug, and only once."""

from __future__ import annotations

from dataclasses import replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rewriter.analysis.context import Context
from rewriter.pipeline import rewrite
from rewriter.plan import Options, Rewritten, Tier, Unchanged
from rewriter.syntax.scanner import parse

BASES = (
    "debian:bookworm-slim",
    "alpine:3.20",
    "ubuntu:22.04",
    "python:3.12-slim",
    "python:3.11-alpine",
    "node:22",
    "golang:1.22",
    "golang:1.22-alpine",
    "nginx:1.27",
    "eclipse-temurin:21-jre",
    "ruby:3.3",
    "php:8.3-apache",
    "scratch",
    "gcr.io/distroless/static-debian12",
    "gcr.io/distroless/base",
    "gcr.io/distroless/nodejs22-debian13",
    "busybox",
    "mcr.microsoft.com/dotnet/aspnet:8.0",
    "example.com/own:1",
    "rust:1.80",
    "httpd:2.4",
    "redis:7",
)
LINES = (
    "WORKDIR /app",
    "WORKDIR sub",
    "USER app",
    "USER 1000:1000",
    "USER root",
    "ENV A=1 B='x y'",
    "ENV PATH=/opt/bin:$PATH",
    "ENV GOPATH=/g",
    "ENV C=$V",
    "ARG V=2",
    "ARG TARGETARCH",
    "LABEL a=b \"c d\"='e f'",
    "LABEL v=$V",
    "EXPOSE 80 443/udp",
    "EXPOSE $A",
    "VOLUME /data",
    'VOLUME ["/a b", "/c"]',
    "STOPSIGNAL SIGINT",
    "STOPSIGNAL 9",
    "MAINTAINER me",
    "HEALTHCHECK NONE",
    "HEALTHCHECK CMD curl -f http://localhost/ || exit 1",
    'HEALTHCHECK --interval=3s CMD ["/probe"]',
    "HEALTHCHECK CMD a | b",
    'SHELL ["/bin/bash", "-c"]',
    "RUN useradd -u 1000 app",
    "RUN mkdir -p /data && chown app /data",
    "RUN apt-get update && apt-get install -y gcc curl",
    "RUN apk add --no-cache ca-certificates",
    "RUN go build -o /app .",
    "RUN pip install x",
    "RUN <<EOF\nmake\nEOF",
    "COPY . .",
    "COPY --chown=app a b /app/",
    "COPY --from=first /x /x",
    "COPY <<EOF /etc/x\nhello\nEOF",
    "ADD https://example.com/x /x",
    "ONBUILD RUN x",
    "# a comment",
    "",
    "CMD",
    "CMD []",
    'CMD ["app", "-x"]',
    "CMD ./app --port $PORT",
    "CMD app",
    'CMD ["--flag"]',
    "CMD ['a', 'b']",
    "CMD cd /srv && A=1 exec app",
    'ENTRYPOINT ["/app"]',
    "ENTRYPOINT ./app",
    "ENTRYPOINT []",
    'ENTRYPOINT ["tini", "-g", "--", "app"]',
    "CMD npm start",
    'ENTRYPOINT ["/entrypoint.sh"]',
    'CMD ["supervisord"]',
    "CMD bash",
    'ENTRYPOINT ["dumb-init", "app"]',
    "CMD a && b; c",
    'ENTRYPOINT ["sh", "-c", "exec app $0"]',
    'CMD ["python", "app.py"]',
    "ENTRYPOINT exec app",
    "CMD tail -f /dev/null",
    "RUN go install example.com/x@v1",
    "COPY --from=0 /go/bin/x /usr/bin/x",
    'CMD ["x"]',
    "ADD https://example.com/tini /tini",
    "RUN chmod +x /tini",
    'ENTRYPOINT ["/tini", "--"]',
    "HEALTHCHECK CMD x || exit 1",
)
OPTIONS = st.builds(
    Options,
    nonroot=st.booleans(),
    tier=st.sampled_from((None, *Tier)),
    debug_target=st.booleans(),
    pin=st.booleans(),
    registry_prefix=st.sampled_from(("", "mirror.example.com/")),
    target=st.sampled_from((None, None, "first", "Final")),
)

stages = st.tuples(
    st.sampled_from(BASES),
    st.sampled_from(("", " AS first", " as Final")),
    st.lists(st.sampled_from(LINES), max_size=9),
)


def text_of(drawn: list[tuple[str, str, list[str]]], newline: str) -> str:
    lines = [line for base, name, body in drawn for line in (f"FROM {base}{name}", *body)]
    return "\n".join(lines).replace("\n", newline)


@settings(max_examples=300, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    drawn=st.lists(stages, min_size=1, max_size=3),
    newline=st.sampled_from(("\n", "\r\n")),
    end=st.sampled_from(("", "\n")),
    init=st.sampled_from(("download", "none", "package", "example.com/tini:1")),
    options=OPTIONS,
)
def test_a_conversion_holds_and_a_second_one_changes_nothing(
    drawn: list[tuple[str, str, list[str]]], newline: str, end: str, init: str, options: Options
) -> None:
    text = text_of(drawn, newline) + (newline if end else "")
    options = replace(options, init=init)
    outcome = rewrite(text, Context.empty(), options)
    if isinstance(outcome, Rewritten):
        again = rewrite(outcome.text, Context.empty(), options)
        assert isinstance(again, Unchanged), outcome.text
        assert rewrite(text, Context.empty(), options) == outcome
        if "\r\n" in text:
            assert "\n" not in outcome.text.replace("\r\n", "")
        assert parse(outcome.text).problems == ()
