"""Where the commands of a build write: package managers of Node and Java, compilers, cp and mv, downloads, archives.

What they keep for themselves (caches, settings in the home folder) is not told: nothing that runs reads it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from posixpath import basename, join

from rewriter.analysis.runs import Run
from rewriter.record import record


class Cannot(Exception):  # noqa: N818 - it is an answer ("cannot tell, because"), not an error
    """It cannot be told where something writes; the text says why."""


@record
class Writes:
    """Paths that are made, and folders that have to be there and are written into."""

    paths: tuple[str, ...] = ()
    inside: tuple[str, ...] = ()


_Words = tuple[str, ...]
_NOTHING = Writes()
_HERE = Writes(inside=(".",))
_PATTERN = frozenset("*?[")

_VERBS = frozenset(
    "add audit bin build cache ci clean-install config dedupe deploy exec fetch fund generate get i import info init "
    "install list ls outdated pack ping pkg prune rb rebuild remove root run run-script set show t test uninstall "
    "update upgrade version view workspace workspaces".split()
)
_SETTINGS = frozenset("audit bin cache config fund get info list ls ping root set show version view".split())
# Tools that a build uses and nothing that runs is started by.
_TOOLS = frozenset(
    "@angular/cli @nestjs/cli @vue/cli corepack gulp gulp-cli grunt grunt-cli lerna modclean node-gyp node-prune npm "
    "npm-check-updates nx pnpm prisma rimraf turbo typescript vite webpack webpack-cli yarn".split()
)
_VALUED = frozenset(
    {"--prefix", "-C", "--cwd", "--dir", "--filter", "-F", "--workspace", "-w", "--registry", "--cache"}
)
# Commands of packages that build, which write below the folder they are started in.
_BUILDERS = frozenset(
    "astro babel esbuild eslint graphql-codegen grunt gulp jest lerna modclean mocha nest next ng node-prune nuxi nuxt "
    "nx prettier prisma react-scripts remix rimraf rollup swc tsc tsc-alias tsup turbo typeorm vite vitest "
    "vue-cli-service vue-tsc webpack".split()
)


def writes_of(run: Run) -> Writes:
    """Return where a command writes.

    Raises:
        Cannot: it is not known, or a word it hangs on is not.
    """
    words = run.argv
    name = basename(run.words[0] or "") if run.words else ""
    reader = _READERS.get(name)
    if reader is None:
        raise Cannot(f"what {name or 'a command'} writes is not known")
    if words is None:
        if name in _IN_PLACE:
            return _HERE
        raise Cannot(f"not all words of {name} can be told")
    return reader(words)


def _nothing(words: _Words) -> Writes:
    del words
    return _NOTHING


def _here(words: _Words) -> Writes:
    del words
    return _HERE


def _npm(words: _Words) -> Writes:
    """npm, yarn and pnpm: below the folder they work in, but for what they install for all."""
    folder = _option(words, ("--prefix", "-C", "--cwd", "--dir"))
    rest = _plain(words, _VALUED)
    options = [word for word in words[1:] if word.startswith("-")]
    verb = rest[0] if rest else "install"
    if verb == "global" or {"-g", "--global", "--location=global"} & set(options):
        names = [
            word for word in rest if word not in {"global", "install", "i", "add", "update", "remove", "uninstall"}
        ]
        return _global(names)
    if verb == "deploy":
        return Writes(paths=(join(folder or ".", rest[-1]),)) if len(rest) > 1 else _HERE
    if verb in _SETTINGS:
        return _NOTHING
    if verb not in _VERBS and words[0] == "npm":
        raise Cannot(f"what npm {verb} does is not known")
    return Writes(inside=(folder or ".",))


def _global(names: list[str]) -> Writes:
    strange = [name for name in names if _package(name) not in _TOOLS]
    if strange:
        raise Cannot(f"it installs {', '.join(strange)} for all to use")
    return _NOTHING


def _package(word: str) -> str:
    """Return the name of a package without its version."""
    name, _, _ = word[1:].partition("@")
    return word[:1] + name


def _npx(words: _Words) -> Writes:
    rest = [word for word in words[1:] if not word.startswith("-")]
    if not rest or _package(rest[0]) not in _BUILDERS | _TOOLS:
        raise Cannot(f"what {' '.join(words[:2])} writes is not known")
    return _HERE


def _node(words: _Words) -> Writes:
    return _NOTHING if set(words[1:]) <= {"-v", "--version"} else _HERE


def _java(words: _Words) -> Writes:
    """Only what the jars of Spring Boot do to themselves: `-Djarmode=layertools -jar app.jar extract`."""
    if set(words[1:]) <= {"-version", "--version"}:
        return _NOTHING
    if not any(word.startswith("-Djarmode=") for word in words):
        raise Cannot("what the program that java starts writes is not known")
    return Writes(inside=(_option(words, ("--destination",)) or ".",))


def _javac(words: _Words) -> Writes:
    folder = _option(words, ("-d",))
    return Writes(paths=(folder,)) if folder else _HERE


def _jar(words: _Words) -> Writes:
    """`jar --create --file F`, `jar cfe F ...`, `jar xf F`: a file made, or what is unpacked where it works."""
    mode = words[1] if len(words) > 1 else ""
    if mode in {"--extract", "-x"} or ("x" in mode and not mode.startswith("--")):
        return _HERE
    file = _option(words, ("--file", "-f"))
    letters = mode.lstrip("-")
    if file is None and "f" in letters and not mode.startswith("--") and len(words) > 2:
        values = [letter for letter in letters if letter in "fme"]
        file = words[2 + values.index("f")]
    if file is None:
        raise Cannot("which jar it makes cannot be told")
    return Writes(paths=(file,))


def _maven(words: _Words) -> Writes:
    file = _option(words, ("-f", "--file"))
    folder = file.rpartition("/")[0] or "." if file and file.endswith(".xml") else file
    return Writes(inside=(folder or ".",))


def _gradle(words: _Words) -> Writes:
    return Writes(inside=(_option(words, ("-p", "--project-dir")) or ".",))


def _copy(words: _Words) -> Writes:
    """cp, mv and ln: the target; into a folder only where the names that land there are told."""
    if any(word.startswith(("-t", "--target")) for word in words[1:]):
        raise Cannot(f"{words[0]} is used in a way that is not read")
    *sources, target = [word for word in words[1:] if not word.startswith("-")] or [""]
    if not sources:
        raise Cannot(f"{words[0]} is used in a way that is not read")
    if target.endswith("/") or target in {".", ".."} or len(sources) > 1:
        if any(_PATTERN & set(source) or source.endswith(("/", "/.")) or source == "." for source in sources):
            return Writes(inside=(target,))
        return Writes(paths=tuple(join(target, basename(source)) for source in sources))
    return Writes(paths=(target,))


def _tar(words: _Words) -> Writes:
    mode = words[1] if len(words) > 1 else ""
    if "c" in mode.lstrip("-") and not mode.startswith("--"):
        raise Cannot("which archive it makes is not read")
    return Writes(inside=(_option(words, ("-C", "--directory")) or ".",))


def _unzip(words: _Words) -> Writes:
    return Writes(inside=(_option(words, ("-d",)) or ".",))


def _curl(words: _Words) -> Writes:
    file = _option(words, ("-o", "--output"))
    if file:
        return Writes(paths=(file,))
    is_named = any(word.startswith("-") and not word.startswith("--") and "o" in word.lower() for word in words[1:])
    if is_named or "--remote-name" in words:
        return _HERE
    return _NOTHING


def _wget(words: _Words) -> Writes:
    file = _option(words, ("-O", "--output-document"))
    if file:
        return _NOTHING if file == "-" else Writes(paths=(file,))
    shorts = [word for word in words[1:] if word.startswith("-") and not word.startswith("--")]
    if any("O" in word for word in shorts):
        raise Cannot("the file wget writes cannot be told")
    return Writes(inside=(_option(words, ("-P", "--directory-prefix")) or ".",))


def _git(words: _Words) -> Writes:
    rest = [word for word in words[1:] if not word.startswith("-")]
    if rest[:1] == ["config"]:
        return _NOTHING
    if rest[:1] == ["clone"] and len(rest) in {2, 3}:
        return Writes(paths=(rest[2],)) if len(rest) == 3 else _HERE
    raise Cannot("what git does is not read")


def _sed(words: _Words) -> Writes:
    if any(word.startswith(("-i", "--in-place")) for word in words[1:]):
        return Writes(inside=tuple(word for word in words[1:] if not word.startswith("-"))[1:])
    return _NOTHING


def _plain(words: _Words, valued: frozenset[str]) -> list[str]:
    """Return the words behind the program's name that are neither options nor their values."""
    plain: list[str] = []
    is_value = False
    for word in words[1:]:
        if not word.startswith("-") and not is_value:
            plain.append(word)
        is_value = word in valued
    return plain


def _option(words: _Words, names: tuple[str, ...]) -> str | None:
    """Return the value of an option, in the next word or behind an equals sign."""
    for position, word in enumerate(words):
        if word in names:
            return words[position + 1] if position + 1 < len(words) else None
        name, equals, value = word.partition("=")
        if equals and name in names:
            return value
    return None


# They print, or remove; where what they print goes to is told by the redirection.
_SAYING = tuple(
    "rm rmdir corepack which cat date id sleep whoami exit uname echo printf true test [ ls env pwd".split()
)
_READERS: Mapping[str, Callable[[_Words], Writes]] = {
    **dict.fromkeys(("npm", "yarn", "pnpm", "yarnpkg"), _npm),
    **dict.fromkeys(("npx", "pnpx"), _npx),
    **dict.fromkeys(("node", "nodejs"), _node),
    **dict.fromkeys(_BUILDERS, _here),
    **dict.fromkeys(("mvn", "mvnw"), _maven),
    **dict.fromkeys(("gradle", "gradlew"), _gradle),
    **dict.fromkeys(("cp", "mv", "ln"), _copy),
    **dict.fromkeys(_SAYING, _nothing),
    "java": _java,
    "javac": _javac,
    "jar": _jar,
    "tar": _tar,
    "unzip": _unzip,
    "curl": _curl,
    "wget": _wget,
    "git": _git,
    "sed": _sed,
}
# Whatever their words, they write below the folder they work in.
_IN_PLACE = frozenset({"mvn", "mvnw", "gradle", "gradlew", "tsc"})
