"""The settings a Gradle build states as literals, Groovy or Kotlin; build logic is not evaluated."""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import join

from rewriter.analysis.context import Context
from rewriter.analysis.tokens import JAVA, Token, scan
from rewriter.record import record


@record
class Setting:
    """`name = "value"`, `name "value"` or `name.set("value")`, and the name of the block it stands in ("" for none)."""

    name: str
    value: str
    block: str
    line: int


@record
class GradleScript:
    """A build file with its settings file and gradle.properties."""

    path: str
    lines: tuple[str, ...]
    settings: tuple[Setting, ...]
    plugins: tuple[tuple[str, str], ...]
    release: str | None
    root_name: str | None
    included: tuple[str, ...]
    properties: dict[str, str]

    def value(self, *names: str, block: str | None = None) -> str | None:
        """Return the first literal that one of the names is set to (in the block of that name, if one is given)."""
        found = (s.value for s in self.settings if s.name in names and block in {None, s.block} and "$" not in s.value)
        return next(found, None)

    @property
    def places(self) -> tuple[tuple[str, tuple[str, ...], int], ...]:
        """Where the settings stand that tell a jar: path, lines and number of the line."""
        telling = {"archiveFileName", "archivesBaseName", "archiveBaseName", "version", "mainClass", "id"}
        numbers = dict.fromkeys(s.line for s in self.settings if s.name in telling)
        return tuple((self.path, self.lines, number) for number in numbers)


def read_settings(context: Context, directory: str) -> GradleScript:
    """Return what the Gradle files of a folder state."""
    path, text = _first_of(context, directory, "build.gradle")
    _, settings_text = _first_of(context, directory, "settings.gradle")
    tokens = [token for token in scan(text, JAVA) if token.kind != "comment"]
    settings = tuple(_settings(tokens))
    around = [token for token in scan(settings_text, JAVA) if token.kind != "comment"]
    return GradleScript(
        path=path,
        lines=tuple(text.split("\n")),
        settings=settings,
        plugins=tuple(_plugins(tokens)),
        release=_release(tokens, settings),
        root_name=next((s.value for s in _settings(around) if s.name == "name"), None),
        included=tuple(_included(around)),
        properties=_properties(context.text(join(directory, "gradle.properties")) or ""),
    )


def _first_of(context: Context, directory: str, name: str) -> tuple[str, str]:
    for path in (join(directory, name), join(directory, f"{name}.kts")):
        text = context.text(path)
        if text is not None:
            return path, text
    return join(directory, name), ""


def _settings(tokens: list[Token]) -> Iterator[Setting]:
    blocks: list[str] = []
    last = ""
    for index, token in enumerate(tokens):
        if token.text == "{" and token.kind == "mark":
            blocks.append(last)
        elif token.text == "}" and token.kind == "mark":
            del blocks[-1:]
        elif token.kind == "text":
            name = _name_before(tokens, index)
            if name:
                yield Setting(name, token.text, blocks[-1] if blocks else "", token.line)
        last = token.text if token.kind in {"name", "text"} else last


def _name_before(tokens: list[Token], index: int) -> str:
    """Return what a string is the value of: `x = "v"`, `x "v"`, `x("v")`, `x.set("v")`."""
    before = [(token.kind, token.text) for token in tokens[max(0, index - 4) : index]]
    texts = [text for _, text in before]
    if texts[-3:] == [".", "set", "("] and len(texts) > 3:
        return texts[-4]
    if texts[-1:] in (["="], ["("]):
        before = before[:-1]
    return before[-1][1] if before and before[-1][0] == "name" else ""


def _plugins(tokens: list[Token]) -> Iterator[tuple[str, str]]:
    """Yield plug-ins and their versions: `id 'x' version 'y'`, `id("x") version "y"`, `apply plugin: 'x'`."""
    for index, token in enumerate(tokens):
        texts = [following.text for following in tokens[index : index + 6]]
        if token.text in {"id", "plugin"} and token.kind == "name":
            rest = [text for text in texts[1:] if text not in {"(", ")", ":"}]
            yield rest[0] if rest else "", rest[2] if rest[1:2] == ["version"] and len(rest) > 2 else ""
        elif token.kind == "name" and token.text in {"war", "application", "java"} and texts[1:2] != ["{"]:
            yield token.text, ""


def _release(tokens: list[Token], settings: tuple[Setting, ...]) -> str | None:
    """Return the Java release: a toolchain's, else `sourceCompatibility` in any of its spellings."""
    for index, token in enumerate(tokens):
        following = [t.text for t in tokens[index + 1 : index + 5]]
        if token.text == "JavaLanguageVersion" and following[:3] == [".", "of", "("] and len(following) > 3:
            return following[3]
        if token.text == "jvmToolchain" and following[:1] == ["("] and len(following) > 1:
            return following[1]
    for index, token in enumerate(tokens):
        if token.text in {"sourceCompatibility", "targetCompatibility"}:
            found = [t.text for t in tokens[index + 1 : index + 7]]
            at = next((n for n, text in enumerate(found) if text[-1:].isdigit()), None)
            if at is not None:
                version = found[at + 2] if found[at : at + 2] == ["1", "."] and len(found) > at + 2 else found[at]
                return version.removeprefix("VERSION_").removeprefix("1_").removeprefix("1.")
    return next((s.value for s in settings if s.name == "javaVersion"), None)


def _included(tokens: list[Token]) -> Iterator[str]:
    """Yield the folders of `include 'a', ':b:c'`."""
    listing = False
    for token in tokens:
        if token.kind == "text" and listing:
            yield token.text.strip(":").replace(":", "/")
        elif token.text not in {",", "("}:
            listing = token.text == "include"


def _properties(text: str) -> dict[str, str]:
    pairs = (line.partition("=") for line in text.splitlines() if not line.lstrip().startswith(("#", "!")))
    return {name.strip(): value.strip() for name, equals, value in pairs if equals}
