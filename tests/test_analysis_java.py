"""Java projects: which jar a build leaves, and what it is."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.analysis.context import Context
from rewriter.analysis.java_project import JavaProject, read_project
from tests.contexts import context_of

POM = """<?xml version="1.0" encoding="UTF-8"?>
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <parent>
    <groupId>org.springframework.boot</groupId>
    <artifactId>spring-boot-starter-parent</artifactId>
    <version>3.2.1</version>
  </parent>
  <artifactId>shop</artifactId>
  <version>1.0</version>
  <properties><java.version>21</java.version><x>y</x></properties>
  BUILD
</project>
"""
SPRING = "<plugin><artifactId>spring-boot-maven-plugin</artifactId>CONF</plugin>"


def project_of(tmp_path: Path, name: str, text: str) -> JavaProject:
    project = read_project(context_of(tmp_path, {name: text}))
    assert project is not None
    return project


def build(inner: str, name: str = "") -> str:
    final = f"<finalName>{name}</finalName>" if name else ""
    return POM.replace("BUILD", f"<build>{final}<plugins>{inner}</plugins></build>")


def plugin(artifact: str, configuration: str) -> str:
    return f"<plugin><artifactId>{artifact}</artifactId><configuration>{configuration}</configuration></plugin>"


@pytest.mark.parametrize(
    ("text", "fat", "jars"),
    [
        (build(""), None, ["shop-1.0.jar"]),
        (build(SPRING.replace("CONF", "")), "spring-boot", ["shop-1.0.jar"]),
        (build("", "app"), None, ["app.jar"]),
        (build("", "${project.artifactId}-${x}"), None, ["shop-y.jar"]),
        (build("", "${unknown}"), None, []),
        (build("", "${project.parent.version}"), None, ["3.2.1.jar"]),
        (
            build(SPRING.replace("CONF", "<configuration><classifier>exec</classifier></configuration>")),
            "spring-boot",
            ["shop-1.0-exec.jar", "shop-1.0.jar"],
        ),
        (build(plugin("maven-shade-plugin", "")), "shade", ["shop-1.0.jar"]),
        (build(plugin("maven-shade-plugin", "<finalName>fat</finalName>")), "shade", ["fat.jar", "shop-1.0.jar"]),
        (
            build(
                plugin(
                    "maven-assembly-plugin",
                    "<descriptorRefs><descriptorRef>jar-with-dependencies</descriptorRef></descriptorRefs>",
                )
            ),
            "assembly",
            ["shop-1.0-jar-with-dependencies.jar", "shop-1.0.jar"],
        ),
        (build(plugin("quarkus-maven-plugin", "")), "quarkus", ["quarkus-app/quarkus-run.jar", "shop-1.0.jar"]),
        (POM.replace("BUILD", "<packaging>war</packaging>"), None, ["shop-1.0.war"]),
        (POM.replace("BUILD", "<packaging>pom</packaging><modules><module>a</module></modules>"), None, []),
        (POM.replace("<version>1.0</version>", "").replace("BUILD", ""), None, ["shop-3.2.1.jar"]),
        (POM.replace("<version>1.0</version>", "<version>${revision}</version>"), None, []),
    ],
)
def test_maven_jars(tmp_path: Path, text: str, fat: str | None, jars: list[str]) -> None:
    project = project_of(tmp_path, "pom.xml", text)
    assert (project.fat, list(project.jars)) == (fat, jars)


def test_maven_facts(tmp_path: Path) -> None:
    text = build(SPRING.replace("CONF", "<configuration><mainClass>a.Main</mainClass></configuration>"))
    project = project_of(tmp_path, "pom.xml", text)
    assert (project.tool, project.artifact, project.version, project.output) == ("maven", "shop", "1.0", "target")
    assert (project.main_class, project.release, project.spring_boot) == ("a.Main", "21", "3.2.1")
    assert [place.where for place in project.evidence] == ["pom.xml:8", "pom.xml:11"]
    nested = plugin(
        "maven-shade-plugin", "<transformers><transformer><mainClass>b.C</mainClass></transformer></transformers>"
    )
    assert project_of(tmp_path, "pom.xml", build(nested)).main_class == "b.C"


def test_modules(tmp_path: Path) -> None:
    files = {"pom.xml": POM.replace("BUILD", "<modules><module>a</module><module>b</module></modules>")}
    project = read_project(context_of(tmp_path, files))
    assert project is not None
    assert project.modules == ("a", "b")


GRADLE = """plugins {
    id 'java'
    id 'org.springframework.boot' version '3.1.0'
}
group = 'x'
version = '2.0'
java { toolchain { languageVersion = JavaLanguageVersion.of(17) } }
// archivesBaseName = 'no'
"""


BOOT = """plugins { id("org.springframework.boot") version "3" }
tasks.named<BootJar>("bootJar") { archiveFileName.set("app.jar") }
version = "1"
"""
SHADOW = """plugins { application; id("com.gradleup.shadow") version "8" }
application { mainClass.set("a.MainKt") }
version = "1"
kotlin { jvmToolchain(21) }
"""
OLD = "apply plugin: 'java'\nmainClassName = 'a.B'\nsourceCompatibility = 1.8"


@pytest.mark.parametrize(
    ("name", "text", "jars", "run"),
    [
        ("build.gradle", GRADLE, ["shop-2.0.jar", "shop-2.0-plain.jar"], (None, "17")),
        ("build.gradle", f"{GRADLE}bootJar {{ archiveFileName = 'app.jar' }}", ["app.jar"], (None, "17")),
        ("build.gradle.kts", BOOT.partition("\n")[2].replace("1", "2"), ["shop-2.jar"], (None, None)),
        ("build.gradle.kts", BOOT, ["app.jar"], (None, None)),
        ("build.gradle.kts", SHADOW, ["shop-1-all.jar"], ("a.MainKt", "21")),
        ("build.gradle", OLD, ["shop.jar"], ("a.B", "8")),
        ("build.gradle", OLD.replace("1.8", "JavaVersion.VERSION_1_8"), ["shop.jar"], ("a.B", "8")),
        ("build.gradle", OLD.replace("1.8", "'11'"), ["shop.jar"], ("a.B", "11")),
        ("build.gradle", "jar { archiveName 'x.jar' }", ["x.jar"], (None, None)),
        ("build.gradle", "version = \"1.$minor\"\narchivesBaseName = 'y'", ["y.jar"], (None, None)),
        ("build.gradle", "plugins { id 'io.quarkus' }\nversion '1'", ["quarkus-run.jar", "shop-1.jar"], (None, None)),
    ],
)
def test_gradle(tmp_path: Path, name: str, text: str, jars: list[str], run: tuple[str | None, str | None]) -> None:
    files = {name: text, "settings.gradle": "rootProject.name = 'shop'\ninclude 'a', ':b:c'\n"}
    project = read_project(context_of(tmp_path, files))
    assert project is not None
    assert list(project.jars)[: len(jars)] == jars
    assert (project.main_class, project.release) == run
    assert project.modules == ("a", "b/c")


def test_gradle_properties_and_evidence(tmp_path: Path) -> None:
    project = read_project(
        context_of(tmp_path, {"api/build.gradle": GRADLE, "api/gradle.properties": "#a\nversion=9"}), "api"
    )
    assert project is not None
    assert (project.artifact, project.version, project.spring_boot) == ("api", "2.0", "3.1.0")
    assert "api/build.gradle:6" in [place.where for place in project.evidence]
    bare = read_project(context_of(tmp_path, {"b/build.gradle": "", "b/gradle.properties": "version = 9"}), "b")
    assert bare is not None
    assert bare.jars == ("b-9.jar",)


@pytest.mark.parametrize(
    "text",
    [
        "<project>",
        "",
        '<!DOCTYPE x [<!ENTITY a "b">]><project/>',
        "<a>" * 100_000,
        "<a>" * 50_000 + "</a>" * 50_000,
        "<project><build><finalName>${a}</finalName></build><properties><a>${a}${a}</a></properties></project>",
        "\udcff",
    ],
)
def test_broken_poms_are_no_trouble(tmp_path: Path, text: str) -> None:
    project = read_project(context_of(tmp_path, {"pom.xml": text.encode("utf-8", "surrogateescape")}))
    assert project is not None
    assert project.jars == ()


@pytest.mark.parametrize(
    "text", ["}}}{{{", "id", "include", "'", "version", "jvmToolchain(", "x." * 1000, "{" * 10_000]
)
def test_broken_gradle_files_are_no_trouble(tmp_path: Path, text: str) -> None:
    project = read_project(context_of(tmp_path, {"build.gradle": text}))
    assert project is not None
    assert project.jars == ()


def test_no_project() -> None:
    assert read_project(Context.empty()) is None
