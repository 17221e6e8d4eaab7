"""`dfmod describe` on a real engine: what it prints is a table by which the image is known."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.images.catalog import lookup_behind
from rewriter.images.model import Exec, KnownImage
from rewriter.images.own import own_family
from rewriter.images.reference import parse_reference
from tests.command_line import spawn
from tests.e2e.bases import built

pytestmark = pytest.mark.engine
BASE = """FROM debian:bookworm-slim
ENV COMPANY=example
RUN useradd --uid 1500 app && mkdir /platform && echo hello > /platform/motd
WORKDIR /platform
USER app
CMD ["cat", "motd"]
"""


def test_an_image_of_ones_own_is_known_by_its_description(lab: None, tmp_path: Path) -> None:  # noqa: ARG001 - needs the engine
    reference = built(BASE, tmp_path).reference
    ran = spawn("describe", reference)
    assert ran.code == 0, ran.err
    ref = parse_reference(reference)
    assert ref is not None
    image = lookup_behind("", (own_family(ran.out.decode(), "described.toml"),))(ref)
    assert isinstance(image, KnownImage)
    assert (image.os, image.release, image.libc, image.packages) == ("debian", "bookworm", "glibc", "apt")
    assert (image.config.user, image.config.workdir, image.users) == ("app", "/platform", ("app:1500:1500",))
    assert image.config.cmd == Exec(("cat", "motd"))
    assert ("COMPANY", "example") in image.config.env
    assert "/platform" in image.trees


def test_an_image_that_cannot_be_had_is_an_error(lab: None) -> None:  # noqa: ARG001 - needs the engine
    ran = spawn("describe", "localhost:1/no/such:image")
    assert ran.code == 2
    assert "docker pull" in ran.err
