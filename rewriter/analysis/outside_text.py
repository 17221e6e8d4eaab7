"""CI files, Makefiles, READMEs and platform files: who runs the image as a job, or enters it with a shell.

Read line by line: only `docker run`, `docker exec` and the like are looked for, and only shells in them matter.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath

from rewriter.analysis.found import SHELLS, at_line
from rewriter.analysis.outside_kinds import Kind, Override, Target, image_name, split, unwrapped
from rewriter.analysis.yaml_lines import Node, read_documents

_TEXTS = frozenset(
    {"Makefile", "makefile", "GNUmakefile", "Jenkinsfile", "Procfile", "Tiltfile", "justfile", "Taskfile.yml"}
) | {"devcontainer.json", "fly.toml", "heroku.yml", "render.yaml", "skaffold.yaml", "app.json", "package.json"}
_ENGINES = frozenset({"docker", "podman", "nerdctl", "docker-compose", "kubectl", "oc", "$(DOCKER)"})
_VERBS = frozenset({"run", "exec"})
_TRIM = "'\"`,;()[]"


def is_read_as_text(path: str) -> bool:
    """Return whether a file is one of those in which people write commands."""
    name = basename(path)
    is_prose = name.lower().startswith(("readme", "contributing")) and name.endswith((".md", ".rst", ".txt"))
    return (
        name in _TEXTS or is_prose or name.endswith((".sh", ".mk")) or path.startswith((".github/workflows/", ".ci/"))
    )


def overrides_of_text(path: str, text: str, target: Target) -> Iterator[Override]:
    """Yield the lines that start a shell in the image, copy into it, or run it as a development container."""
    lines = text.split("\n")
    name = basename(path)
    for number, line in enumerate(lines, 1):
        place = at_line(path, lines, number)
        entered = _entered(path, line, target)
        if entered is not None:
            yield Override(Kind.SHELL, entered, *unwrapped(_from_shell(line)), place)
        elif name == "Procfile" and line.startswith("release:"):
            yield Override(Kind.RELEASE, "release", (line.partition(":")[2].strip(),), True, place)  # noqa: FBT003
        elif name == "fly.toml" and line.strip().startswith("release_command"):
            script = line.partition("=")[2].strip().strip("\"'")
            yield Override(Kind.RELEASE, "release", split(script), False, place)  # noqa: FBT003
        elif name == "Jenkinsfile" and ".inside" in line:
            yield Override(Kind.JOB, "inside", (), True, place)  # noqa: FBT003
        elif name == "Tiltfile" and "sync(" in line:
            yield Override(Kind.SYNC, "live_update", (), False, place)  # noqa: FBT003
        elif name == "devcontainer.json" and _dockerfile(path, line) == target.dockerfile:
            yield Override(Kind.JOB, "devcontainer", (), True, place)  # noqa: FBT003


def overrides_of_ci(path: str, text: str, target: Target) -> Iterator[Override]:
    """Yield the jobs that run inside the image (GitHub, GitLab and others), Skaffold's sync, and release commands."""
    lines = text.split("\n")
    in_ci = path.startswith((".github/", ".ci/", ".circleci/")) or basename(path).startswith(
        (".gitlab-ci", "bitbucket")
    )
    for document in read_documents(text) if in_ci or basename(path) in _TEXTS else ():
        for node in document.below():
            if in_ci and node.key in {"image", "container"} and _names(node, target):
                yield Override(Kind.JOB, node.key, (), True, at_line(path, lines, node.line))  # noqa: FBT003
            if basename(path) == "skaffold.yaml" and node.key == "sync":
                yield Override(Kind.SYNC, "sync", (), False, at_line(path, lines, node.line))  # noqa: FBT003
            if basename(path) in {"heroku.yml", "render.yaml"} and node.key in {"release", "preDeployCommand"}:
                yield Override(Kind.RELEASE, node.key, (), True, at_line(path, lines, node.line))  # noqa: FBT003


def _dockerfile(path: str, line: str) -> str | None:
    key, _, value = line.partition(":")
    written = value.partition(",")[0].strip(' \t\r}"')
    return normpath(join(dirname(path), written)) if key.strip(" \t{").lower() == '"dockerfile"' else None


def _entered(path: str, line: str, target: Target) -> str | None:
    """Return the name by which a line enters the image with a shell.

    "" for a `docker exec` near the context: its container may go by any name.
    """
    words = [_bare(word) for word in line.split()]
    start = next((index for index, word in enumerate(words) if word.lstrip("@") in _ENGINES), None)
    if start is None or not any(basename(word) in SHELLS for word in words[start + 1 :]):
        return None
    verb = next((word for word in words[start + 1 :] if word in _VERBS), None)
    rest = [image_name(word) for word in words[start + 1 :]]
    named = next((name for name in rest if name in target.names or target.is_service(path, name)), None)
    if verb == "exec" and named is None and words[start].endswith("docker") and rest[0] == "exec":
        return "" if target.is_near(path) else None
    return named if verb else None


def _from_shell(line: str) -> tuple[str, ...]:
    """Return the words from the shell on; in prose a command ends with its backquote."""
    words = split(line)
    start = next((index for index, word in enumerate(words) if basename(_bare(word)) in SHELLS), len(words))
    end = next((index + 1 for index in range(start, len(words)) if "`" in words[index]), len(words))
    return tuple(_bare(word) if "`" in word else word for word in words[start:end])


def _bare(word: str) -> str:
    return word.rstrip(".").strip(_TRIM)


def _names(node: Node, target: Target) -> bool:
    value = node.value or node.text("image") or node.text("name") or ""
    return image_name(value) in target.names
