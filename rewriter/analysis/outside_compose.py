"""Compose files: services that build the image in question, and what they override (the compose specification)."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath

from rewriter.analysis.found import at_line
from rewriter.analysis.outside_kinds import Kind, Override, Target, command, image_name
from rewriter.analysis.yaml_lines import Node, read_documents


def is_compose(path: str) -> bool:
    """Return whether a file is named as compose files are."""
    name = basename(path)
    return name.endswith((".yml", ".yaml")) and name.startswith(("docker-compose", "compose", "docker_compose"))


def built_services(path: str, text: str, target: Target) -> Iterator[tuple[str, str]]:
    """Yield the services of a compose file that build the image, each with the name it gives it ("" for none)."""
    for service in _services(read_documents(text)):
        if _builds(path, service, target):
            yield service.key, image_name(service.text("image") or "")


def overrides_of_compose(path: str, text: str, target: Target) -> Iterator[Override]:
    """Yield what the services do that build the image, and those that run it by its name without building it."""
    lines = text.split("\n")
    for service in _services(read_documents(text)):
        if _builds(path, service, target) or (service.get("build") is None and _is_named(path, service, target)):
            for kind, node, words, shell in _of_service(service):
                yield Override(kind, service.key, words, shell, at_line(path, lines, node.line))


_Row = tuple[Kind, Node, tuple[str, ...], bool]


def _of_service(service: Node) -> Iterator[_Row]:
    for key, kind in (("entrypoint", Kind.ENTRYPOINT), ("command", Kind.COMMAND)):
        node = service.get(key)
        if node is not None:
            yield kind, node, *command(node)
    yield from _healthcheck(service)
    init, pid, user = service.get("init"), service.get("pid"), service.get("user")
    if init is not None and (init.value or "").lower() in {"true", "yes", "on"}:
        yield Kind.INIT, init, (), False
    if pid is not None:
        yield Kind.SHARED_PID, pid, (pid.value or "",), False
    if user is not None:
        yield Kind.USER, user, (user.value or "",), False
    for volume in service.items("volumes"):
        where = _bound_at(volume)
        if where:
            yield Kind.MOUNT, volume, (where,), False
    stage = service.get("build", "target")
    if stage is not None:
        yield Kind.TARGET, stage, (stage.value or "",), False


def _healthcheck(service: Node) -> Iterator[_Row]:
    test = service.get("healthcheck", "test")
    if test is None:
        return
    words, shell = command(test, as_script=True)
    kind, *rest = words or ("",)
    if not shell and kind in {"CMD", "CMD-SHELL", "NONE"}:
        words, shell = tuple(rest), kind == "CMD-SHELL"
    if kind != "NONE":
        yield Kind.HEALTHCHECK, test, words, shell


def _bound_at(volume: Node) -> str:
    """Return where a bind mount lands, "" for a named or anonymous volume."""
    if volume.children:
        return (volume.text("target") or "") if volume.text("type") == "bind" else ""
    source, colon, rest = (volume.value or "").partition(":")
    return rest.partition(":")[0] if colon and source.startswith((".", "/", "~", "$")) else ""


def _services(documents: tuple[Node, ...]) -> Iterator[Node]:
    for document in documents:
        services = document.get("services")
        yield from (node for node in (services.children if services else ()) if node.key and node.children)


def _builds(path: str, service: Node, target: Target) -> bool:
    """Return whether a service is built from the context and the Dockerfile in question."""
    build = service.get("build")
    if build is None:
        return False
    folder = build.real().value or build.text("context") or ("." if build.children else "")
    if not folder or folder.startswith("$") or "://" in folder:
        return False
    context = _clean(join(dirname(path), folder))
    dockerfile = _clean(join(context, build.text("dockerfile") or "Dockerfile"))
    return context == target.directory and dockerfile == target.dockerfile


def _is_named(path: str, service: Node, target: Target) -> bool:
    """Return whether a service that builds nothing runs the image, by its name or as an overlay of one that builds."""
    image = service.text("image")
    return image_name(image) in target.names if image else (dirname(path), service.key) in target.services


def _clean(path: str) -> str:
    return normpath(path).removeprefix("./") if normpath(path) != "." else ""
