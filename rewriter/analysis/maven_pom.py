"""One pom.xml as a value: elements by path, properties put in, plug-in settings."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join
from typing import TYPE_CHECKING

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.record import record

if TYPE_CHECKING:
    from xml.etree.ElementTree import Element

_DEEPEST = 10


@record
class Pom:
    """A pom.xml; `root` is None where it could not be read, and then every question is answered with None."""

    path: str
    lines: tuple[str, ...]
    root: Element | None
    problems: tuple[str, ...] = ()

    def value(self, path: str) -> str | None:
        """Return the text of the first element at a path below `project`, properties put in where they are known."""
        return next(iter(self.values(path)), None)

    def has(self, path: str) -> bool:
        """Return whether there is an element at a path below `project`, whatever its text."""
        return self.root is not None and bool(_at(self.root, path))

    def values(self, path: str) -> tuple[str, ...]:
        """Return the texts of all elements at a path below `project`."""
        found = [] if self.root is None else [self._filled(_text(node)) for node in _at(self.root, path)]
        return tuple(text for text in found if text)

    def property(self, name: str) -> str | None:
        """Return a property, in which names with dots are common."""
        return self._filled(_property(self.root, name))

    def has_plugin(self, artifact: str) -> bool:
        """Return whether a plug-in is used; one that is only managed is not."""
        return any(True for _ in self._plugins(artifact))

    def setting(self, artifact: str, path: str) -> str | None:
        """Return a setting of a plug-in, of one of its executions where it has none itself."""
        texts = (self._filled(_text(n)) for conf in self._configurations(artifact) for n in _at(conf, path))
        return next((text for text in texts if text), None)

    def setting_below(self, artifact: str, name: str) -> str | None:
        """Return the first setting of that name, however deep in the plug-in's configuration."""
        texts = (
            self._filled(_text(node))
            for configuration in self._configurations(artifact)
            for node in configuration.iter()
            if _name(node) == name
        )
        return next((text for text in texts if text), None)

    def evidence(self, text: str) -> Evidence:
        """Return the first line that holds a text, the file alone where none does."""
        number = next((n for n, line in enumerate(self.lines, 1) if text in line), None)
        return Evidence(self.path, text) if number is None else at_line(self.path, list(self.lines), number)

    def _plugins(self, artifact: str) -> Iterator[Element]:
        for plugin in () if self.root is None else _at(self.root, "build/plugins/plugin"):
            if any(_text(node) == artifact for node in _at(plugin, "artifactId")):
                yield plugin

    def _configurations(self, artifact: str) -> Iterator[Element]:
        for plugin in self._plugins(artifact):
            yield from _at(plugin, "configuration")
            yield from _at(plugin, "executions/execution/configuration")

    def _filled(self, text: str | None) -> str | None:
        """Put properties in; None where one is not known here."""
        for _ in range(_DEEPEST):
            before, opened, rest = (text or "").partition("${")
            name, closed, after = rest.partition("}")
            if not opened or not closed:
                return text
            value = self._known(name)
            if value is None:
                return None
            text = f"{before}{value}{after}"
        return None

    def _known(self, name: str) -> str | None:
        if name.startswith(("project.", "pom.")):
            path = name.partition(".")[2].replace(".", "/")
            nodes = [
                node for p in (path, f"parent/{path}") for node in ([] if self.root is None else _at(self.root, p))
            ]
            return _text(nodes[0]) if nodes else None
        return _property(self.root, name)


def read_pom(context: Context, directory: str) -> Pom:
    """Return the pom.xml of a folder; what is wrong with it is in `problems`."""
    path = join(directory, "pom.xml")
    text = context.text(path)
    if text is None:
        return Pom(path, (), None, (f"{path} cannot be read",))
    lines = tuple(text.split("\n"))
    if "<!DOCTYPE" in text or "<!ENTITY" in text:
        return Pom(path, lines, None, (f"{path} declares entities, which no pom needs",))
    import xml.etree.ElementTree as ET  # noqa: PLC0415 - only Java projects need it; entities were refused above

    try:
        return Pom(path, lines, ET.fromstring(text))  # noqa: S314
    except (ET.ParseError, ValueError, LookupError, RecursionError) as error:
        return Pom(path, lines, None, (f"{path}: {error}",))


def _at(node: Element, path: str) -> list[Element]:
    nodes = [node]
    for name in path.split("/"):
        nodes = [child for parent in nodes for child in parent if _name(child) == name]
    return nodes


def _property(root: Element | None, name: str) -> str | None:
    for properties in () if root is None else _at(root, "properties"):
        for node in properties:
            if _name(node) == name:
                return _text(node)
    return None


def _name(node: Element) -> str:
    """Return an element's name without its namespace."""
    return node.tag.rpartition("}")[2]


def _text(node: Element) -> str | None:
    return (node.text or "").strip() or None
