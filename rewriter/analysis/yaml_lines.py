"""A reader for the YAML people write for compose, Kubernetes and CI: keys, scalars and lists, each with its line.

It reads by lines and indentation instead of by the grammar, so that templates of charts (`{{ ... }}`), which are no
YAML, can be read, too. No types, no tags; linear; never raises.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

_MOST_JOINED = 200  # lines of one list or map in brackets
_DEEPEST = 20


@dataclass(slots=True)
class Node:
    """A key or list item (`key` "" for an item) with its scalar or what stands below it; `line` is 1-based."""

    key: str
    line: int
    value: str | None = None
    children: list[Node] = field(default_factory=list)
    anchors: dict[str, Node] = field(default_factory=dict, repr=False)

    def get(self, *keys: str) -> Node | None:
        """Return what lies below this node along the keys; merged (`<<: *x`) and aliased nodes are looked into."""
        node: Node | None = self
        for key in keys:
            node = None if node is None else node.child(key)
        return node

    def child(self, key: str) -> Node | None:
        """Return the child of that name, of the node this one merges or stands for where it has none itself."""
        todo = [self.real()]
        for _ in range(_DEEPEST):
            if not todo:
                return None
            node = todo.pop(0)
            found = next((child for child in node.children if child.key == key), None)
            if found is not None:
                return found
            todo += [child.real() for child in node.children if child.key == "<<" and child.real() is not child]
        return None

    def real(self) -> Node:
        """Return the node that an alias (`*x`) names, this one otherwise."""
        return self.anchors.get(self.value[1:], self) if self.value and self.value.startswith("*") else self

    def text(self, *keys: str) -> str | None:
        """Return the scalar along the keys."""
        node = self.get(*keys)
        return None if node is None else node.real().value

    def items(self, *keys: str) -> tuple[Node, ...]:
        """Return the list along the keys, () where there is none."""
        node = self.get(*keys)
        return () if node is None else tuple(child for child in node.real().children if not child.key)

    def below(self) -> Iterator[Node]:
        """Yield this node and all below it, aliases not entered."""
        todo = [self]
        while todo:
            node = todo.pop()
            yield node
            todo += reversed(node.children)


@dataclass(slots=True)
class _Reader:
    """Where the reading stands: the open nodes with their indentation, and a block scalar being collected."""

    lines: list[str]
    at: int = 0
    anchors: dict[str, Node] = field(default_factory=dict)
    open: list[tuple[int, Node]] = field(default_factory=list)


def read_documents(text: str) -> tuple[Node, ...]:
    """Return the documents of a file as nodes without key; lines that are not understood are passed over."""
    reader = _Reader(text.replace("\r\n", "\n").split("\n"))
    documents = [_start(reader)]
    while reader.at < len(reader.lines):
        line = reader.lines[reader.at]
        reader.at += 1
        content = line.strip()
        if line.startswith(("---", "...")):
            documents.append(_start(reader))
        elif content and not content.startswith(("#", "{{", "%")):
            _line(reader, line)
    return tuple(document for document in documents if document.children)


def _start(reader: _Reader) -> Node:
    reader.anchors = {}
    document = Node("", reader.at + 1, anchors=reader.anchors)
    reader.open = [(-1, document)]
    return document


def _line(reader: _Reader, line: str) -> None:
    indent = len(line) - len(line.lstrip())
    content = line.strip()
    number = reader.at
    for _ in range(_DEEPEST):
        if content != "-" and not content.startswith("- "):
            break
        _add(reader, indent, Node("", number, anchors=reader.anchors))
        rest = content[1:].lstrip()
        indent += len(content) - len(rest)
        content = rest
    if not content:
        return
    key, value = _split(content)
    if key is not None:
        node = Node(key, number, anchors=reader.anchors)
        _add(reader, indent, node)
        _value(reader, node, value, indent)
    elif not reader.open[-1][1].key and reader.open[-1][1].value is None and reader.open[-1][1].line == number:
        _value(reader, reader.open[-1][1], content, reader.open[-1][0])
    else:
        node = reader.open[-1][1]  # a plain scalar goes on in the next line
        node.value = f"{node.value} {_scalar(content)}" if node.value else _scalar(content)


def _add(reader: _Reader, indent: int, node: Node) -> None:
    """Hang a node below the last one that is less indented; items may stand as far out as the key they belong to."""
    while len(reader.open) > 1:
        outer, top = reader.open[-1]
        if outer < indent or (outer == indent and not node.key and top.key):
            break
        reader.open.pop()
    reader.open[-1][1].children.append(node)
    reader.open.append((indent, node))


def _value(reader: _Reader, node: Node, text: str, indent: int) -> None:
    text = text.strip()
    while text[:1] in {"&", "!"}:
        mark, _, text = text.partition(" ")
        if mark.startswith("&"):
            reader.anchors[mark[1:]] = node
        text = text.strip()
    if text[:1] in {"|", ">"} and len(text.partition("#")[0].strip()) <= 3:
        node.value = _block(reader, indent, folded=text[0] == ">")
    elif text[:1] in {"[", "{"} and not text.startswith("{{"):
        node.children += _flow(_balanced(reader, text), node)
    elif text and not text.startswith("#"):
        node.value = _scalar(text)


def _block(reader: _Reader, indent: int, *, folded: bool) -> str:
    taken: list[str] = []
    while reader.at < len(reader.lines):
        line = reader.lines[reader.at]
        if line.strip() and len(line) - len(line.lstrip()) <= indent:
            break
        taken.append(line)
        reader.at += 1
    margin = min((len(line) - len(line.lstrip()) for line in taken if line.strip()), default=0)
    return (" " if folded else "\n").join(line[margin:] for line in taken).rstrip()


def _balanced(reader: _Reader, text: str) -> str:
    """Join lines until the brackets close; strings with brackets in them are rare enough to be cut short."""
    parts = [text]
    depth = _depth(text)
    while depth > 0 and reader.at < len(reader.lines) and len(parts) < _MOST_JOINED:
        parts.append(reader.lines[reader.at].strip())
        depth += _depth(parts[-1])
        reader.at += 1
    return " ".join(parts)


def _depth(text: str) -> int:
    return text.count("[") + text.count("{") - text.count("]") - text.count("}")


def _flow(text: str, parent: Node) -> list[Node]:
    """Read `[a, "b", {c: d}]`; what lies deeper than anyone writes is dropped."""
    root = Node("", parent.line, anchors=parent.anchors)
    stack = [root]
    for piece in _pieces(text[1:]):
        if piece in {"[", "{"}:
            if not stack[-1].children or stack[-1].children[-1].value is not None or stack[-1].children[-1].key == "":
                stack[-1].children.append(Node("", parent.line, anchors=parent.anchors))
            stack.append(stack[-1].children[-1])
        elif piece in {"]", "}"}:
            del stack[-1]
            if not stack:
                break
        elif len(stack) <= _DEEPEST:
            key, value = _split(piece)
            value = piece if key is None else value.strip()
            stack[-1].children.append(
                Node(key or "", parent.line, _scalar(value) if value else None, anchors=parent.anchors)
            )
    return root.children


def _pieces(text: str) -> Iterator[str]:
    """Yield brackets and what stands between commas."""
    start = 0
    quote = ""
    for at, char in enumerate(text):
        if quote:
            quote = "" if char == quote and text[at - 1] != "\\" else quote
        elif char in "\"'" and not text[start:at].strip():
            quote = char
        elif char in ",[]{}":
            piece = text[start:at].strip()
            if piece:
                yield piece
            if char != ",":
                yield char
            start = at + 1


def _split(content: str) -> tuple[str | None, str]:
    """Return key and rest of `key: value`, None where the text is no such pair."""
    if content[:1] in {'"', "'"}:
        end = content.find(content[0], 1)
        after = content[end + 1 :].lstrip()
        return (content[1:end], after[1:]) if end > 0 and after.startswith(":") else (None, "")
    if content.startswith(("[", "{")):
        return None, ""
    key, colon, value = content.partition(": ")
    if not colon and content.endswith(":"):
        key, colon, value = content[:-1], ":", ""
    return (key.strip(), value) if colon and " #" not in key else (None, "")


def _scalar(text: str) -> str:
    """Return a scalar without its quotes and a comment after it."""
    quote = text[:1]
    if quote in {'"', "'"}:
        end = text.find(quote, 1)
        while end > 0 and ((quote == '"' and text[end - 1] == "\\") or text[end + 1 : end + 2] == quote == "'"):
            end = text.find(quote, end + (2 if quote == "'" else 1))
        inner = text[1:end] if end > 0 else text[1:]
        return inner.replace("''", "'") if quote == "'" else inner.replace('\\"', '"').replace("\\\\", "\\")
    return text.partition(" #")[0].strip()
