"""Kubernetes manifests and Helm charts: containers of the image in question, and what they override.

`command:` of a container replaces the image's ENTRYPOINT, and with it the init; `args:` replaces CMD.
"""

from __future__ import annotations

from collections.abc import Iterator

from rewriter.analysis.found import at_line
from rewriter.analysis.outside_kinds import Kind, Override, Target, command, image_name
from rewriter.analysis.yaml_lines import Node, read_documents

_PROBES = ("livenessProbe", "readinessProbe", "startupProbe")
_HOOKS = ("preStop", "postStart")
_YES = frozenset({"true", "yes", "on"})


def overrides_of_manifest(path: str, text: str, target: Target) -> Iterator[Override]:
    """Yield what the containers of a manifest, template or values file do that run the image."""
    if "image" not in text:
        return
    lines = text.split("\n")
    for document in read_documents(text):
        for pod, container in _containers(path, document, target):
            name = container.text("name") or container.key or "container"
            for owner, rows in ((name, _of_container(container)), ("pod", _of_pod(pod))):
                for kind, node, words, shell in rows:
                    yield Override(kind, owner, words, shell, at_line(path, lines, node.line))


_Row = tuple[Kind, Node, tuple[str, ...], bool]


def _containers(path: str, document: Node, target: Target) -> Iterator[tuple[Node | None, Node]]:
    """Yield containers with the pod they are in; in a values file, maps that have an image and a command."""
    is_manifest = document.get("kind") is not None
    for node in document.below():
        if is_manifest:
            for key in ("containers", "initContainers"):
                found = next((child for child in node.children if child.key == key), None)
                yield from ((node, item) for item in (found.children if found else ()) if _runs(path, item, target))
        elif any(child.key in {"command", "args"} for child in node.children) and _runs(path, node, target):
            yield None, node


def _runs(path: str, container: Node, target: Target) -> bool:
    """Return whether a container runs the image; where a chart puts the image's name in, file and container tell."""
    image = container.get("image")
    if image is None:
        return False
    name = image.value or image.text("repository") or image.text("name") or ""
    if "{{" in name or name.startswith("$"):
        own = {
            (container.text("name") or "").lower(),
            *path.lower().removesuffix(".yml").removesuffix(".yaml").split("/"),
        }
        return target.alone or bool(own & target.names)
    return image_name(name) in target.names


def _of_container(container: Node) -> Iterator[_Row]:
    for key, kind in (("command", Kind.ENTRYPOINT), ("args", Kind.COMMAND)):
        node = container.get(key)
        if node is not None and (node.children or node.value):
            yield kind, node, *command(node)
    for probe in _PROBES:
        node = container.get(probe, "exec", "command")
        if node is not None:
            yield Kind.PROBE, node, *command(node)
    for hook in _HOOKS:
        node = container.get("lifecycle", hook, "exec", "command")
        if node is not None:
            yield Kind.HOOK, node, *command(node)
    yield from _of_security(container.get("securityContext"))


def _of_pod(pod: Node | None) -> Iterator[_Row]:
    if pod is None:
        return
    shared = pod.get("shareProcessNamespace")
    if shared is not None and (shared.value or "").lower() in _YES:
        yield Kind.SHARED_PID, shared, (), False
    yield from _of_security(pod.get("securityContext"))


def _of_security(context: Node | None) -> Iterator[_Row]:
    if context is None:
        return
    user, read_only = context.get("runAsUser"), context.get("readOnlyRootFilesystem")
    if user is not None and user.value:
        yield Kind.USER, user, (user.value,), False
    if read_only is not None and (read_only.value or "").lower() in _YES:
        yield Kind.READ_ONLY, read_only, (), False
