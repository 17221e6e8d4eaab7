"""Files beside the Dockerfile that reach into the container: compose, Kubernetes and Helm, CI, platforms.

They can override the command (and so drop the init), start a shell in the image, or check its health with a program it
no longer has. Nothing is changed in them; each place is quoted, so that a person can look.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from posixpath import basename, dirname

from rewriter.analysis.context import Context
from rewriter.analysis.outside_compose import built_services, is_compose, overrides_of_compose
from rewriter.analysis.outside_kinds import Override, Target, image_name
from rewriter.analysis.outside_kubernetes import overrides_of_manifest
from rewriter.analysis.outside_text import is_read_as_text, overrides_of_ci, overrides_of_text
from rewriter.record import record

_MOST_TEXT = 4 << 20
_LARGEST = 256 << 10
# Images everybody uses: a folder of that name does not mean that such an image is the one built there.
_PUBLIC = frozenset(
    "nginx httpd caddy traefik haproxy envoy postgres mysql mariadb mongo redis memcached rabbitmq kafka zookeeper "
    "elasticsearch kibana logstash grafana prometheus vault consul minio node python golang php ruby java openjdk rust "
    "alpine debian ubuntu busybox docker registry wordpress".split()
)
_GENERIC = frozenset({"src", "app", "docker", "build"})  # say nothing of what lies in them; the folder above does
_ASIDE = frozenset({"node_modules", "vendor", "site-packages", ".venv", "venv", "testdata"})


@record
class Outside:
    """What was found, in the order of the files; `names` are those under which the image was looked for."""

    overrides: tuple[Override, ...]
    names: tuple[str, ...]
    problems: tuple[str, ...] = ()


def survey(
    repository: Context, directory: str = "", dockerfile: str = "Dockerfile", images: tuple[str, ...] = ()
) -> Outside:
    """Return the places of a repository that reach into the image of one Dockerfile.

    `directory` is its build context and `dockerfile` the file itself, both below the repository; `images` are names
    the image is known by. More are learnt from compose files that build it, and from the folder's name. The
    repository is read as it lies on the disk: what `.dockerignore` keeps out is read, too.
    """
    here = repository.unfiltered()
    texts, problems = _texts(here)
    alone = sum(map(_is_dockerfile, here.walk())) < 2
    target = Target(directory, dockerfile, _names(here, directory, images), alone=alone)
    built = [
        (dirname(path), *service)
        for path, text in texts.items()
        if is_compose(path)
        for service in built_services(path, text, target)
    ]
    target = replace(
        target,
        names=target.names | {image for _, _, image in built if image and image not in _PUBLIC},
        services=frozenset((folder, name) for folder, name, _ in built),
    )
    found = [override for path, text in texts.items() for override in _overrides(path, text, target)]
    return Outside(tuple(dict.fromkeys(found)), tuple(sorted(target.names)), tuple(problems))


def _overrides(path: str, text: str, target: Target) -> Iterator[Override]:
    if is_compose(path):
        yield from overrides_of_compose(path, text, target)
    elif path.endswith((".yml", ".yaml")):
        yield from overrides_of_manifest(path, text, target)
        yield from overrides_of_ci(path, text, target)
    if is_read_as_text(path):
        yield from overrides_of_text(path, text, target)


def _is_dockerfile(path: str) -> bool:
    name = basename(path).lower()
    return name.startswith(("dockerfile", "containerfile")) or name.endswith((".dockerfile", ".containerfile"))


def _names(repository: Context, directory: str, images: tuple[str, ...]) -> frozenset[str]:
    root = repository.root.name if repository.root else ""
    folders = [part.lower() for part in (root, *directory.split("/")) if part and part.lower() not in _GENERIC]
    return frozenset(map(image_name, images)) | {name for name in folders[-1:] if name not in _PUBLIC}


def _texts(repository: Context) -> tuple[dict[str, str], list[str]]:
    """Return the texts of all files that are read here, in the order of their paths."""
    texts: dict[str, str] = {}
    left = _MOST_TEXT
    for path in repository.walk():
        wanted = path.endswith((".yml", ".yaml")) or is_read_as_text(path)
        if not wanted or _ASIDE & set(path.split("/")[:-1]):
            continue
        text = repository.text(path, _LARGEST) or ""
        left -= len(text)
        if left < 0:
            return texts, ["there are too many manifests to read them all"]
        texts[path] = text
    return texts, ["the repository has too many files to read them all"] if repository.is_cut() else []
