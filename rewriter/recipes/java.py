"""Java: a jar on the distroless image of the same feature release; whatever else is needed, the general recipe carries.

Takes glibc images of HotSpot builds whose command is java itself, and what their lines write is known.
"""

from __future__ import annotations

from collections.abc import Iterator
from posixpath import basename, dirname, join, normpath

from rewriter.analysis.artefacts import source_of
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import Topic
from rewriter.analysis.java_project import read_project
from rewriter.analysis.java_runtime import Asked, asked_of_runtime
from rewriter.analysis.runs import Run, runs_of
from rewriter.analysis.written import Place, Written
from rewriter.images.model import ImageRef, KnownImage
from rewriter.images.versions import java_feature
from rewriter.plan import Decision, Plan, Refusal, Safety
from rewriter.recipes import general
from rewriter.recipes.base import Case, Recipe
from rewriter.recipes.final import Base
from rewriter.recipes.general import versioned
from rewriter.recipes.launcher_node import package_folder
from rewriter.recipes.native import (
    RELEASE,
    Dropped,
    Native,
    lands,
    needed_alone,
    parts_of,
    plan_in_place,
    plan_split,
    stages_of,
    supported,
    user_variables,
    written_by,
)
from rewriter.recipes.places import command_evidence
from rewriter.recipes.sources import surveyed
from rewriter.semantics.build import CopyStep

_FAMILIES = frozenset({"amazoncorretto", "eclipse-temurin", "gradle", "maven", "openjdk"})
_PATHS = frozenset({"-cp", "-classpath", "--class-path", "-p", "--module-path"})
_LOCALES = frozenset({"C", "POSIX", "C.UTF-8", "C.utf8"})
_FETCHERS = frozenset({"curl", "git", "wget"})
_BUILDERS = frozenset({"mvn", "mvnw", "gradle", "gradlew"})
_TOOLCHAIN = ("MAVEN_HOME", "MAVEN_CONFIG", "GRADLE_HOME")
# What a project's folder holds that only its build reads.
_BUILD_FILES = frozenset(
    ".dockerignore .editorconfig .git .gitattributes .github .gitignore .gradle .idea .mvn .settings .classpath "
    ".project Dockerfile LICENSE LICENSE.txt README.md build build.gradle build.gradle.kts buildSrc compose.yaml "
    "compose.yml docker-compose.yaml docker-compose.yml gradle gradle.properties gradlew gradlew.bat mvnw mvnw.cmd "
    "pom.xml settings.gradle settings.gradle.kts src target".split()
)


def handles(case: Case) -> bool:
    """Return whether the target is an image of Java whose release a distroless image of today has."""
    root = case.stage.root
    return isinstance(root, KnownImage) and root.has_shell and _name(root) is not None


def _name(root: KnownImage) -> str | None:
    feature = java_feature(root) if root.family in _FAMILIES and root.libc == "glibc" else None
    return f"java{feature}" if feature and supported(f"java{feature}") else None


def plan(case: Case) -> Plan | Refusal:
    """Return the plan on the distroless image of Java, or the general one where more than that is needed."""
    return _native(case) or general.plan(case)


def _native(case: Case) -> Plan | Refusal | None:
    root, need = case.stage.root, needed_alone(case, "java")
    name = _name(root) if isinstance(root, KnownImage) else None
    image = supported(name) if name else None
    if need is None or image is None or image.interpreter is None or not isinstance(root, KnownImage):
        return None
    found, asked = written_by(case), asked_of_runtime(case.context)
    _, survey = surveyed(case, case.command.program)
    if found is None or survey.of(Topic.LIBRARY) or not _stands(case, root, found, asked):
        return None
    decisions = tuple(_decisions(root, asked))
    native = Native(
        "java", _base(case, root, image.name), image.interpreter, _dropped(case, root), decisions, need.notes
    )
    if in_place := plan_in_place(case, native, found):
        return in_place
    places = _places(case, found)
    left = () if places == found.places else (_left_behind(case, asked),)
    return plan_split(case, native, found, places, left)


def _stands(case: Case, root: KnownImage, found: Written, asked: Asked) -> bool:
    """Return whether all that is started is among what was written, and nothing asks for what a JRE lacks."""
    if asked.home or (_is_jdk(root) and (asked.jdk or _fetches(case))):
        return False
    own = user_variables(case.stage)
    names = {name for name in own if name == "LANG" or name.startswith("LC_")}
    if {"JAVA_HOME", "PATH"} & set(own) or any(own[name] not in _LOCALES for name in names):
        return False
    started = tuple(_started(case))
    return bool(started) and all(found.holds(path) for path in started)


def _is_jdk(root: KnownImage) -> bool:
    return "jre" not in (root.ref.tag or "")


def _fetches(case: Case) -> bool:
    """Return whether something is downloaded, or copied from an image: a server may want a compiler for its pages."""
    for stage in stages_of(case.stage):
        words = {run.words[0] for run in runs_of(stage) if isinstance(run, Run) and run.words}
        copies = [step for step in stage.all_steps if isinstance(step, CopyStep)]
        remote = any("://" in source for step in copies for source in step.sources)
        if words & _FETCHERS or remote or any(isinstance(step.origin, ImageRef) for step in copies):
            return True
    return False


def _started(case: Case) -> Iterator[str]:
    """Yield the jar, or the class path's entries, that the command starts from; nothing where neither is told."""
    words = case.command.program[1:]
    for position, word in enumerate(words):
        following = words[position + 1] if position + 1 < len(words) else ""
        if word == "-jar" and following:
            yield lands(case, following)
            return
        if word in _PATHS and following:
            yield from (lands(case, entry.removesuffix("*")) for entry in following.split(":") if entry)


def _base(case: Case, root: KnownImage, name: str) -> Base:
    why = f"it has Java {name.removeprefix('java')} as {root.ref.written} has, and jars run on either"
    fact = Evidence(f"facts: {root.family}", root.ref.written)
    return Base(f"{name}-{RELEASE}", why, (fact, command_evidence(case.stage)))


def _dropped(case: Case, root: KnownImage) -> Dropped:
    """Return the variables that lead to the old base image's Java, tools and locale."""
    there = dict(root.config.env)
    gone = "it leads to folders of the old base image; java is found without it"
    locale = "the new base image has C.UTF-8, which encodes text in the same way"
    reasons = {
        **dict.fromkeys(("JAVA_HOME", "PATH", *_TOOLCHAIN), gone),
        **dict.fromkeys(("LANG", "LANGUAGE", "LC_ALL"), locale),
    }
    facts = {name: Evidence(f"facts: {root.family}", f"ENV {name}={there[name]}") for name in reasons if name in there}
    return {**versioned(case), **{name: (reasons[name], fact) for name, fact in facts.items()}}


def _decisions(root: KnownImage, asked: Asked) -> Iterator[Decision]:
    """Yield what differs between the two images of Java, and whether a look is due."""
    there, fact = dict(root.config.env), Evidence(f"facts: {root.family}", root.ref.written)
    if _is_jdk(root):
        what = "the new base image has a JRE: java, without javac, jcmd and the other tools of a JDK"
        seen = "no source uses the compiler's packages" if asked.seen else "the sources were not seen"
        yield Decision("runtime", what, seen, Safety.SAFE if asked.seen else Safety.REVIEW, (fact,))
    if root.family == "amazoncorretto":
        what = "Java is Eclipse Temurin's build, not Amazon Corretto's"
        yield Decision("runtime", what, "both are OpenJDK of the same release", Safety.REVIEW, (fact,))
    locale = there.get("LC_ALL") or there.get("LANG", "")
    if locale and locale not in _LOCALES:
        is_clear = asked.seen and not asked.locale
        why = (
            "no source asks for the country"
            if is_clear
            else "look where money or weeks are shown in the default locale"
        )
        what = f"the default locale is en, without the country that {locale} names; the encoding is UTF-8 still"
        places = (Evidence(f"facts: {root.family}", locale), *asked.locale[:2])
        yield Decision("locale", what, why, Safety.SAFE if is_clear else Safety.REVIEW, places)


def _places(case: Case, found: Written) -> tuple[Place, ...]:
    """Return what is copied: all that was written, less sources and build files where the jar holds its libraries."""
    jar, workdir = next(_started(case)), case.stage.config.workdir or "/"
    folder = package_folder(case.stage, case.context, workdir) if case.context.known else None
    project = read_project(case.context, folder) if folder is not None else None
    place = next((one for one in found.places if _in(workdir, one.path)), None)
    is_fat = project is not None and project.fat is not None and not project.modules and jar.endswith(".jar")
    if folder is None or place is None or place.owner or not (is_fat and _builds(case) and _in(jar, place.path)):
        return found.places
    if case.context.is_cut(folder):
        return found.places
    named = (lands(case, part) for word in _words(case) for part in parts_of(word) if "/" in part)
    paths = (_artefact(jar), *filter(found.holds, named), *(join(workdir, name) for name in _kept(case, folder)))
    kept = [path for path in dict.fromkeys(paths) if path != place.path and found.holds(path)]
    inner = [path for path in kept if not any(path != other and _in(path, other) for other in kept)]
    others = (other for other in found.places if other is not place)
    return (*others, *(Place(path) for path in inner))


def _builds(case: Case) -> bool:
    """Return whether a RUN builds the project, so that its folder holds more than what runs."""
    runs = (run for run in case.needs.runs if isinstance(run, Run) and run.words)
    return any(basename(run.words[0] or "") in _BUILDERS for run in runs)


def _artefact(jar: str) -> str:
    """Return the jar, or the folder it needs around it: Quarkus starts from a small jar beside its libraries."""
    return dirname(jar) if basename(jar) == "quarkus-run.jar" else jar


def _words(case: Case) -> tuple[str, ...]:
    """Return the words that may name an agent or a configuration file: the command's and those of variables."""
    values = (value for name, value in user_variables(case.stage).items() if name != "PATH")
    return (*case.command.program[1:], *(word for value in values for word in value.split()))


def _kept(case: Case, folder: str) -> Iterator[str]:
    """Yield the entries of the project's folder in the image that its program may read, by what the sources name."""
    sources = (".java", ".kt", ".scala", ".groovy", ".properties", ".yml", ".yaml", ".xml", ".conf", ".html", ".json")
    texts = [case.context.text(path) or "" for path in case.context.walk(normpath(join(folder, "src")), sources)]
    for name in case.context.names(folder):
        path = join(case.stage.config.workdir or "/", name)
        is_read = name.startswith("application") or name in {"config", "conf"} or any(name in text for text in texts)
        if name not in _BUILD_FILES and is_read and source_of(case.stage, case.context, path) is not None:
            yield name


def _left_behind(case: Case, asked: Asked) -> Decision:
    what = "sources, and what only the build reads, stay behind"
    seen = "the jar holds its libraries, and no source names another file of the project"
    why = seen if asked.seen else "the jar holds its libraries; the sources were not seen, so look for files it opens"
    lines = [run for run in case.needs.runs if isinstance(run, Run) and basename(run.words[0] or "") in _BUILDERS]
    return Decision("files", what, why, Safety.SAFE if asked.seen else Safety.REVIEW, (lines[-1].evidence,))


def _in(path: str, folder: str) -> bool:
    return path == folder or path.startswith(f"{folder.rstrip('/')}/")


RECIPE = Recipe("java", handles, plan)
