from __future__ import annotations

import pytest

from rewriter.images.catalog import lookup, wrapper, wrappers
from rewriter.images.model import KnownImage, argv
from rewriter.images.reference import parse_reference


@pytest.mark.parametrize(
    ("image", "name", "prepends"),
    [
        ("node:22", "node", ("node",)),
        ("node:10.15.3", None, ()),
        ("php:8.4-cli", "php", ("php",)),
        ("php:8.4-apache", "php-apache", ("apache2-foreground",)),
        ("php:8.4-fpm-alpine", "php-fpm", ("php-fpm",)),
        ("nginx:1.29", "nginx", ()),
        ("nginx:1.17", None, ()),
        ("nginxinc/nginx-unprivileged:1.27", "nginx", ()),
        ("eclipse-temurin:21-jre", "eclipse-temurin", ()),
        ("eclipse-temurin:11.0.19_7-jre", None, ()),
        ("gradle:8-jdk21", "eclipse-temurin", ()),
        ("maven:3.9-eclipse-temurin-21", "maven", ()),
        ("oven/bun:1.3", "bun", ("/usr/local/bin/bun",)),
        ("oven/bun:1.3-distroless", None, ()),
        ("redis:7", "redis", ("redis-server",)),
        ("postgres:16", "postgres", ("postgres",)),
        ("composer:2", "composer", ("/sbin/tini", "--", "composer")),
        ("python:3.13", None, ()),
        ("golang:1.27", None, ()),
        ("httpd:2.4", None, ()),
    ],
)
def test_image_names_the_row_of_its_entrypoint(image: str, name: str | None, prepends: tuple[str, ...]) -> None:
    ref = parse_reference(image)
    assert ref is not None
    found = lookup(ref)
    assert isinstance(found, KnownImage)
    assert found.wrapper == name
    if name:
        row = wrapper(name)
        assert row.prepends == prepends
        assert row.passes_through
        assert argv(found.config.entrypoint) in [(word,) for word in row.names]


def test_temurin_acts_only_when_asked() -> None:
    row = wrapper("eclipse-temurin")
    assert row.acts_on_env == ("USE_SYSTEM_CA_CERTS",)
    assert not row.always_acts


def test_nginx_runs_scripts_for_nginx_only() -> None:
    row = wrapper("nginx")
    assert row.acts_on_commands == ("nginx", "nginx-debug")
    assert "envsubst" in row.programs


@pytest.mark.parametrize("name", ["httpd", "apache2-foreground", "tomcat"])
def test_start_scripts_do_not_pass_their_command_on(name: str) -> None:
    assert not wrapper(name).passes_through
    assert wrapper(name).always_acts


def test_rows_name_their_source() -> None:
    for row in wrappers():
        assert row.source
        assert row.checked >= "2026-11-01"
        assert row.interpreter.startswith("/")
        assert row.effects or row.prepends


def test_name_that_is_not_known_raises() -> None:
    with pytest.raises(KeyError):
        wrapper("python")
