"""Final stages that can stand on a distroless image as they are written, and those that cannot."""

from __future__ import annotations

import pytest

from rewriter.analysis.context import Context
from rewriter.images.catalog import lookup
from rewriter.plan import Options
from rewriter.recipes.base import Case
from rewriter.recipes.case import case_of
from rewriter.recipes.fit import Fit, fit
from rewriter.semantics.build import Build
from rewriter.semantics.resolve import resolve
from rewriter.syntax.scanner import parse

HEAD = "FROM golang:1.22 AS build\nRUN go install example.com/app@v1\n\n"


def fitted(base: str, *lines: str) -> Fit | None:
    body = "\n".join((f"FROM {base}", *lines, 'CMD ["/app"]'))
    build = resolve(parse(f"{HEAD}{body}\n"), lookup)
    assert isinstance(build, Build)
    case = case_of(build, Context.empty(), Options())
    assert isinstance(case, Case)
    return fit(case, ("/app",))


@pytest.mark.parametrize(
    ("base", "lines"),
    [
        ("alpine:3.20", ("COPY --from=build /go/bin/app /app",)),
        ("alpine:3.20", ("COPY --from=build /go/bin/app /",)),
        ("alpine:3.20", ("RUN apk add --no-cache ca-certificates tzdata && update-ca-certificates",)),
        ("alpine:3.20", ("RUN set -eux; apk update; apk upgrade; rm -rf /var/cache/apk/*",)),
        ("debian:bookworm-slim", ("RUN apt-get update && apt-get install -y ca-certificates netbase",)),
        ("ubuntu:22.04", ("RUN mkdir -p /srv/app", "WORKDIR /srv/app/data")),
        ("alpine:3.20", ("RUN mkdir /etc/app && echo made", "COPY app.conf /etc/app/")),
        ("alpine:3.20", ("COPY --from=build /go/bin/app /app", "RUN chmod +x /app")),
        ("alpine:3.20", ("USER nobody",)),
        ("alpine:3.20", ("USER 0:0",)),
        ("alpine:3.20", ("USER 10001",)),
        ("alpine:3.20", ("USER 101:101",)),
        ("alpine:3.20", ("COPY --chown=nobody:nobody app.conf /etc/app.conf",)),
        ("alpine:3.20", ("COPY --chown=1000:1000 web/ /web/",)),
        ("alpine:3.20", ("COPY app.conf /",)),
        ("busybox", ("COPY --from=build /etc/ssl/certs/ /etc/ssl/certs/",)),
        ("golang:1.22-alpine", ()),
        ("debian:bookworm-slim", ("COPY --from=example.com/data /data /usr/local/share/data",)),
    ],
)
def test_it_stands_as_it_is(base: str, lines: tuple[str, ...]) -> None:
    found = fitted(base, *lines)
    assert found is not None
    assert len(found.gone) == sum(line.startswith("RUN") for line in lines)


@pytest.mark.parametrize(
    ("base", "lines"),
    [
        ("alpine:3.20", ("RUN apk add --no-cache bash",)),
        ("alpine:3.20", ("RUN apk add --no-cache ca-certificates curl",)),
        ("alpine:3.20", ("RUN apk add --no-cache $PACKAGES",)),
        ("alpine:3.20", ("RUN adduser -D app",)),
        ("alpine:3.20", ("RUN echo x > /etc/app.conf",)),
        ("alpine:3.20", ("RUN mkdir /var/lib/app",)),
        ("alpine:3.20", ("RUN mkdir -m 0777 /srv", "WORKDIR /srv")),
        ("alpine:3.20", ("RUN chmod 777 /app",)),
        ("alpine:3.20", ("RUN chown nobody /app",)),
        ("alpine:3.20", ("RUN ln -s /app /usr/bin/app",)),
        ("alpine:3.20", ("RUN cp /usr/share/zoneinfo/Europe/Berlin /etc/localtime",)),
        ("alpine:3.20", ("RUN ./setup.sh",)),
        ("alpine:3.20", ("RUN if true; then $X; fi",)),
        ("alpine:3.20", ("COPY ca.crt /usr/local/share/ca-certificates/", "RUN update-ca-certificates")),
        ("alpine:3.20", ("USER app",)),
        ("alpine:3.20", ("USER 33",)),
        ("ubuntu:24.04", ("USER 1000",)),
        ("debian:bookworm-slim", ("USER nobody:nogroup",)),
        ("alpine:3.20", ("COPY --chown=app app.conf /etc/app.conf",)),
        ("alpine:3.20", ("COPY --from=build /rootfs /",)),
        ("alpine:3.20", ("ADD rootfs.tar.gz /",)),
        ("alpine:3.20", ("COPY --from=docker:27-cli /usr/local/bin/docker /usr/local/bin/docker",)),
        ("debian:bookworm-slim", ("COPY --from=postgres:16 /usr/bin/psql /usr/bin/",)),
        ("nginx:1.27", ()),
        ("redis:7", ()),
        ("python:3.12", ("RUN pip install x",)),
        ("scratch", ()),
    ],
)
def test_it_needs_its_old_base(base: str, lines: tuple[str, ...]) -> None:
    assert fitted(base, *lines) is None


def test_a_stage_on_another_stage_needs_what_that_one_did() -> None:
    text = f'{HEAD}FROM alpine:3.20 AS base\nRUN apk add bash\n\nFROM base\nCMD ["/app"]\n'
    build = resolve(parse(text), lookup)
    assert isinstance(build, Build)
    case = case_of(build, Context.empty(), Options())
    assert isinstance(case, Case)
    assert fit(case, ("/app",)) is None
