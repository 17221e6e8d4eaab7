"""Which version of a language an image holds, as far as its tag settles it: Java's feature release, Node's major.

A tag that moves from one version to the next (`lts`, `latest`) settles nothing, nor does one that is no release yet.
"""

from __future__ import annotations

from itertools import pairwise

from rewriter.images.family import family, has_family
from rewriter.images.model import KnownImage
from rewriter.images.releases import spelled_out, split_tag

# Families whose tag begins with the version of Java; in the others it stands behind the name of the JDK.
_JAVA_FIRST = frozenset({"amazoncorretto", "eclipse-temurin", "openjdk"})
_JDKS = frozenset({"temurin", "openjdk", "jdk", "corretto", "amazoncorretto"})
_BEFORE = frozenset({"ea", "rc", "beta"})


def node_major(image: KnownImage) -> str | None:
    """Return the major version of Node.js; None where the tag does not settle it."""
    if image.family != "node" or image.ref.tag is None or not has_family("node"):
        return None
    parts = split_tag(spelled_out(image.ref.tag, family("node").suites))
    return parts.series("major") or None


def java_feature(image: KnownImage) -> str | None:
    """Return the feature release of Java ("21"); None where the tag does not settle it.

    `eclipse-temurin:21-jre`, `maven:3.9-eclipse-temurin-21`, `maven:3-jdk-11`, `gradle:8-jdk21-alpine`.
    """
    words = (image.ref.tag or "").split("-")
    if _BEFORE & set(words) or "graal" in (image.ref.tag or "") or image.ref.tag is None:
        return None
    if image.family in _JAVA_FIRST:
        return _feature(words[0])
    named = [word.removeprefix("jdk") for word in words if word.startswith("jdk") and word != "jdk"]
    after = [word for before, word in pairwise(words) if before in _JDKS]
    found = {feature for word in (*named, *after) if (feature := _feature(word))}
    return found.pop() if len(found) == 1 else None


def _feature(version: str) -> str | None:
    """Return the feature release of a version: 21 of `21.0.4_7`, 8 of `8u302`, none of `latest`."""
    digits = version.replace("_", ".").replace("u", ".").partition(".")[0]
    return digits if digits.isdecimal() else None
