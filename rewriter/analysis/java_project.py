"""What a Maven or Gradle project says of the jar it builds: its name, its main class, its Java release.

Reads pom.xml as XML and Gradle files with the light scanner; profiles, remote parents and build logic are not
evaluated, so what depends on them is None and not guessed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from posixpath import basename, join
from typing import Literal

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.analysis.gradle_script import GradleScript, read_settings
from rewriter.analysis.maven_pom import Pom, read_pom
from rewriter.record import record


@record
class JavaProject:
    """One project. `jars` are the file names the build leaves in `output`, the one that is meant to be run first.

    `fat` says what makes that jar hold its libraries ("spring-boot", "quarkus", "shade", "assembly", "shadow" ...),
    None where nothing does. `modules` are the folders of a build of many projects.
    """

    tool: Literal["maven", "gradle"]
    directory: str
    artifact: str | None
    version: str | None
    packaging: str
    output: str
    jars: tuple[str, ...]
    main_class: str | None
    release: str | None
    fat: str | None
    spring_boot: str | None
    modules: tuple[str, ...]
    evidence: tuple[Evidence, ...]
    problems: tuple[str, ...] = ()


def read_project(context: Context, directory: str = "") -> JavaProject | None:
    """Return the project in a folder of the context, Maven before Gradle; None where there is none."""
    if context.is_file(join(directory, "pom.xml")):
        return _maven(context, directory)
    if any(context.is_file(join(directory, name)) for name in ("build.gradle", "build.gradle.kts")):
        return _gradle(context, directory)
    return None


def _maven(context: Context, directory: str) -> JavaProject:
    pom = read_pom(context, directory)
    artifact, version = pom.value("artifactId"), pom.value("version" if pom.has("version") else "parent/version")
    fat = _maven_fat(pom)
    name = f"{artifact}-{version}" if artifact and version else None
    name = pom.value("build/finalName") if pom.has("build/finalName") else name
    return JavaProject(
        tool="maven",
        directory=directory,
        artifact=artifact,
        version=version,
        packaging=pom.value("packaging") or "jar",
        output="target",
        jars=tuple(dict.fromkeys(_maven_jars(pom, name, fat))),
        main_class=_maven_main(pom),
        release=_maven_release(pom),
        fat=fat,
        spring_boot=_maven_spring(pom),
        modules=pom.values("modules/module"),
        evidence=tuple(pom.evidence(text) for text in (f"<artifactId>{artifact}</artifactId>", *_shown(pom, fat))),
        problems=pom.problems,
    )


_RELEASES = ("maven.compiler.release", "java.version", "maven.compiler.target", "maven.compiler.source")
_FAT_PLUGINS = (
    ("spring-boot-maven-plugin", "spring-boot"),
    ("quarkus-maven-plugin", "quarkus"),
    ("maven-shade-plugin", "shade"),
    ("maven-assembly-plugin", "assembly"),
    ("micronaut-maven-plugin", "micronaut"),
)


def _maven_fat(pom: Pom) -> str | None:
    return _first(fat for plugin, fat in _FAT_PLUGINS if pom.has_plugin(plugin))


def _shown(pom: Pom, fat: str | None) -> list[str]:
    plugins = [plugin for plugin, kind in _FAT_PLUGINS if kind == fat and pom.has_plugin(plugin)]
    return [f"<artifactId>{plugin}</artifactId>" for plugin in plugins]


def _maven_jars(pom: Pom, name: str | None, fat: str | None) -> Iterator[str]:
    """Yield what ends up in target/: repackaging replaces the jar unless it is given a classifier of its own."""
    if fat == "quarkus":
        yield "quarkus-app/quarkus-run.jar"
    if name is None:
        return
    ending = pom.value("packaging") or "jar"
    classifier = None
    if fat == "spring-boot":
        classifier = pom.setting("spring-boot-maven-plugin", "classifier")
    elif fat == "shade":
        own = pom.setting("maven-shade-plugin", "finalName")
        attached = pom.setting("maven-shade-plugin", "shadedArtifactAttached") == "true"
        classifier = (pom.setting("maven-shade-plugin", "shadedClassifierName") or "shaded") if attached else None
        if own:
            yield f"{own}.jar"
    elif fat == "assembly":
        own = pom.setting("maven-assembly-plugin", "finalName") or name
        descriptor = pom.setting("maven-assembly-plugin", "descriptorRefs/descriptorRef")
        plain = pom.setting("maven-assembly-plugin", "appendAssemblyId") == "false"
        if descriptor:
            yield f"{own}.jar" if plain else f"{own}-{descriptor}.jar"
    if classifier:
        yield f"{name}-{classifier}.jar"
    if ending in {"jar", "war", "ear"}:
        yield f"{name}.{ending}"


def _maven_main(pom: Pom) -> str | None:
    plugins = ("spring-boot-maven-plugin", "maven-shade-plugin", "maven-assembly-plugin", "maven-jar-plugin")
    named = [pom.setting_below(plugin, "mainClass") for plugin in (*plugins, "exec-maven-plugin")]
    return _first(
        [*(pom.property(key) for key in ("start-class", "exec.mainClass", "mainClass", "main.class")), *named]
    )


def _maven_release(pom: Pom) -> str | None:
    settings = (pom.setting("maven-compiler-plugin", name) for name in ("release", "target", "source"))
    release = _first([*(pom.property(key) for key in _RELEASES), *settings])
    return release.removeprefix("1.") if release else None


def _maven_spring(pom: Pom) -> str | None:
    if pom.value("parent/artifactId") == "spring-boot-starter-parent":
        return pom.value("parent/version")
    if pom.has_plugin("spring-boot-maven-plugin"):
        return pom.property("spring-boot.version") or ""
    return None


def _gradle(context: Context, directory: str) -> JavaProject:
    script = read_settings(context, directory)
    artifact = script.value("archivesBaseName", "archiveBaseName") or script.root_name or basename(directory) or None
    version = script.value("version", block="") or script.properties.get("version")
    fat = _first(kind for plugin, kind in _GRADLE_PLUGINS if plugin in dict(script.plugins))
    return JavaProject(
        tool="gradle",
        directory=directory,
        artifact=artifact,
        version=version,
        packaging="war" if "war" in dict(script.plugins) else "jar",
        output="build/quarkus-app" if fat == "quarkus" else "build/libs",
        jars=tuple(dict.fromkeys(_gradle_jars(script, artifact, version, fat))),
        main_class=script.value("mainClass", "mainClassName"),
        release=script.release,
        fat=fat,
        spring_boot=dict(script.plugins).get("org.springframework.boot"),
        modules=script.included,
        evidence=tuple(at_line(path, list(lines), number) for path, lines, number in script.places),
    )


_GRADLE_PLUGINS = (
    ("org.springframework.boot", "spring-boot"),
    ("io.quarkus", "quarkus"),
    ("com.github.johnrengelman.shadow", "shadow"),
    ("com.gradleup.shadow", "shadow"),
    ("io.ktor.plugin", "ktor"),
    ("io.micronaut.application", "micronaut"),
)
_FAT_TASKS = {"spring-boot": "bootJar", "shadow": "shadowJar", "ktor": "ktor"}
_FAT_CLASSIFIERS = {"shadow": "-all", "ktor": "-all", "micronaut": "-all"}


def _gradle_jars(script: GradleScript, artifact: str | None, version: str | None, fat: str | None) -> Iterator[str]:
    if fat == "quarkus":
        yield "quarkus-run.jar"
    own = script.value("archiveFileName", "archiveName", "fileName", block=_FAT_TASKS.get(fat or "", "jar"))
    if own:
        yield own
    if artifact is not None:
        name = f"{artifact}-{version}" if version else artifact
        yield f"{name}{_FAT_CLASSIFIERS.get(fat or '', '')}.jar"
        if fat == "spring-boot":
            yield f"{name}-plain.jar"


def _first(values: Iterable[str | None]) -> str | None:
    return next((value for value in values if value), None)
