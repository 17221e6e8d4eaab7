"""Stand-ins for the distroless images: the Debian packages they are made of, unpacked over each other, nothing run.

The lists follow the sources of the images, layer by layer and release by release. Java is Debian's build.
"""

from __future__ import annotations

import os
import re
import shutil
import tempfile
from dataclasses import dataclass
from pathlib import Path

from tests.lab import debian, toolchains
from tests.lab.assembly import CERTIFICATES, DEFAULT_PATH, import_tar
from tests.lab.machine import LabError, output, run

SUITES = {"12": "bookworm", "13": "trixie"}
NEWEST = "13"
STATIC = ("base-files", "netbase", "tzdata", "media-types")
GCC_LIBRARIES = ("libgomp1", "libstdc++6", "libgcc-s1")
PACKAGES = {
    ("static", "12"): STATIC,
    ("static", "13"): (*STATIC, "tzdata-legacy"),
    ("base-nossl", "12"): ("libc6",),
    ("base-nossl", "13"): ("libc6",),
    ("base", "12"): ("libc6", "libssl3"),
    ("base", "13"): ("libc6", "libssl3t64", "libzstd1", "zlib1g"),
    ("cc", "12"): (*GCC_LIBRARIES, "gcc-12-base"),
    ("cc", "13"): (*GCC_LIBRARIES, "gcc-14-base"),
    ("libatomic", "13"): ("libatomic1",),
    ("java-base", "13"): (
        *("zlib1g", "libjpeg62-turbo", "liblcms2-2", "libfreetype6", "fonts-dejavu-core", "fontconfig-config"),
        *("libexpat1", "libfontconfig1", "libuuid1", "libbrotli1", "libcrypt1", "libstdc++6", "libgcc-s1"),
        *("gcc-14-base", "libpng16-16t64", "libbz2-1.0"),
    ),
    ("java", "13"): ("openjdk-{version}-jre-headless",),
    ("python3", "13"): (
        *("libbz2-1.0", "libdb5.3t64", "libexpat1", "liblzma5", "libsqlite3-0", "libuuid1", "libncursesw6"),
        *("libtinfo6", "libcom-err2", "libcrypt1", "libc-bin", "libgssapi-krb5-2", "libk5crypto3", "libkeyutils1"),
        *("libkrb5-3", "libkrb5support0", "libnsl2", "libreadline8t64", "libtirpc3t64", "libffi8"),
        *("libpython3.13-minimal", "libpython3.13-stdlib", "python3.13-minimal", "python3.13-venv"),
    ),
}
LAYERS = {
    "static": ("static",),
    "base-nossl": ("static", "base-nossl"),
    "base": ("static", "base"),
    "cc": ("static", "base", "cc"),
    "nodejs": ("static", "base", "cc"),
    "nodejs26": ("static", "base", "cc", "libatomic"),
    "python3": ("static", "base", "cc", "python3"),
    "java-base": ("static", "base-nossl", "java-base"),
    "java": ("static", "base-nossl", "java-base", "java"),
}
ACCOUNTS = """root:x:0:0:root:/root:/sbin/nologin
nobody:x:65534:65534:nobody:/nonexistent:/sbin/nologin
nonroot:x:65532:65532:nonroot:/home/nonroot:/sbin/nologin
"""
GROUPS = "root:x:0:\nnobody:x:65534:\ntty:x:5:\nstaff:x:50:\nnonroot:x:65532:\n"
FOLDERS = (("root", 0o700, 0), ("home", 0o755, 0), ("home/nonroot", 0o700, 65532), ("tmp", 0o1777, 0))
NAME = re.compile(
    r"gcr\.io/distroless/(?P<kind>base-nossl|java-base|[a-z]+?3?)(?P<version>\d\d)?(-debian(?P<release>\d+))?"
)


@dataclass(frozen=True, slots=True)
class Variant:
    """Which of the images: "java" of version "21", made of these layers, for a Debian release; the tag's words."""

    kind: str
    version: str
    layers: tuple[str, ...]
    release: str
    tags: tuple[str, ...]


def make(reference: str, repository: str, tag: str) -> None:
    """Make the stand-in.

    Raises:
        LabError: no image of this name is described.
    """
    variant = _variant(repository, tag)
    with tempfile.TemporaryDirectory() as work:
        root = Path(work, "root")
        root.mkdir()
        _unpack_packages(variant, Path(work), root)
        _add_common_files(root)
        changes = (*_common_changes(variant), *_add_runtime(variant, root))
        if "debug" in variant.tags:
            changes = (*changes, *_add_busybox(variant, Path(work), root))
        run("tar", "-C", root, "-cf", Path(work, "root.tar"), ".")
        import_tar(reference, Path(work, "root.tar"), *changes)


def _variant(repository: str, tag: str) -> Variant:
    found = NAME.fullmatch(repository)
    if found is None:
        raise LabError(f"{repository}: no stand-in is described for it")
    kind, version, release = found["kind"], found["version"] or "", found["release"] or NEWEST
    layers = LAYERS.get(kind + version) or LAYERS.get(kind, ("unknown",))
    if any((layer, release) not in PACKAGES for layer in layers):
        raise LabError(f"{repository}: no stand-in is described for it")
    return Variant(kind, version, layers, release, tuple(tag.split("-")))


def _unpack_packages(variant: Variant, work: Path, root: Path) -> None:
    listed = (package for layer in variant.layers for package in PACKAGES[layer, variant.release])
    packages = tuple(dict.fromkeys(package.format(version=variant.version) for package in listed))
    status = root / "var/lib/dpkg/status.d"
    for package, file in zip(packages, debian.download(SUITES[variant.release], packages, work), strict=True):
        debian.unpack(file, root)
        status.mkdir(parents=True, exist_ok=True)
        (status / package).write_text(output("dpkg-deb", "--field", file) + "\n")
    if variant.release == NEWEST:
        _merge_usr(root)


def _merge_usr(root: Path) -> None:
    """Make /bin, /sbin, /lib and /lib64 links into /usr, where the base files have not done so."""
    for alias in ("bin", "sbin", "lib", "lib64"):
        (root / "usr" / alias).mkdir(exist_ok=True)
        if (root / alias).is_dir() and not (root / alias).is_symlink():
            run("cp", "-a", root / alias / ".", root / "usr" / alias)
            shutil.rmtree(root / alias)
        if not (root / alias).is_symlink():
            (root / alias).symlink_to(f"usr/{alias}")


def _add_common_files(root: Path) -> None:
    (root / "etc/ssl/certs").mkdir(parents=True, exist_ok=True)
    shutil.copy(CERTIFICATES, root / "etc/ssl/certs")
    (root / "etc/passwd").write_text(ACCOUNTS)
    (root / "etc/group").write_text(GROUPS)
    (root / "etc/nsswitch.conf").write_text("hosts: files dns\n")
    release = root / "usr/lib/os-release"
    release.write_text(re.sub(r"(?m)^PRETTY_NAME=.*$", 'PRETTY_NAME="Distroless"', release.read_text()))
    for path, mode, owner in FOLDERS:
        (root / path).mkdir(parents=True, exist_ok=True)
        os.chown(root / path, owner, owner)
        (root / path).chmod(mode)


def _common_changes(variant: Variant) -> tuple[str, ...]:
    user, workdir = ("65532", "/home/nonroot") if "nonroot" in variant.tags else ("0", "/")
    return (f"ENV PATH={DEFAULT_PATH}", f"ENV SSL_CERT_FILE={CERTIFICATES}", f"USER {user}", f"WORKDIR {workdir}")


def _add_runtime(variant: Variant, root: Path) -> tuple[str, ...]:
    """Add what a language image has besides packages; return the changes to the image's configuration."""
    match variant.kind:
        case "python3":
            (root / "usr/bin/python3").symlink_to("python3.13")
            return ("ENV LANG=C.UTF-8", 'ENTRYPOINT ["/usr/bin/python3.13"]')
        case "nodejs":
            (root / "nodejs/bin").mkdir(parents=True)
            shutil.copy(toolchains.node_home(variant.version) / "bin/node", root / "nodejs/bin/node")
            return ('ENTRYPOINT ["/nodejs/bin/node"]',)
        case "java-base":
            return ("ENV LANG=C.UTF-8",)
        case "java":
            return _add_java(variant.version, root)
        case _:
            return ()


def _add_java(version: str, root: Path) -> tuple[str, ...]:
    arch = debian.architecture()
    home = f"usr/lib/jvm/temurin-{version}-jre-{arch}"
    (root / home).symlink_to(f"java-{version}-openjdk-{arch}")
    (root / "usr/bin/java").symlink_to(f"/{home}/bin/java")
    for fresh in (root / f"etc/java-{version}-openjdk").rglob("*.dpkg-new"):
        fresh.rename(fresh.with_suffix(""))
    return ("ENV LANG=C.UTF-8", 'ENTRYPOINT ["/usr/bin/java","-jar"]')


def _add_busybox(variant: Variant, work: Path, root: Path) -> tuple[str, ...]:
    (package,) = debian.download(SUITES[variant.release], ("busybox-static",), work)
    debian.unpack(package, work)
    box = root / "busybox"
    box.mkdir()
    shutil.copy(next(path for path in (work / "usr/bin/busybox", work / "bin/busybox") if path.exists()), box)
    for applet in output(box / "busybox", "--list").split():
        if applet != "busybox":
            (box / applet).symlink_to("busybox")
    keeps_entrypoint = variant.kind in ("python3", "nodejs", "java")
    entrypoint = () if keeps_entrypoint else ('ENTRYPOINT ["/busybox/sh"]',)
    return (f"ENV PATH={DEFAULT_PATH}:/busybox", *entrypoint)
