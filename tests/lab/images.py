"""The images builds start from: those that are there, those that can be pulled, and stand-ins for the rest.

A stand-in has the file layout, environment, user, entrypoint and command of the image whose name it bears, and
the real programs. Known to differ: its size; CPython is the machine's own build, whatever release the tag names;
Rust, Ruby, PHP, nginx and Java are Debian's builds; wrapper scripts are reduced to what they pass on. There is none
for Alpine, Ubuntu, Red Hat, PHP with Apache or FPM, and .NET.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from tests.lab import debian, distroless, toolchains
from tests.lab.assembly import CERTIFICATES, DEFAULT_PATH, build, debian_base, import_tar, is_there
from tests.lab.machine import LabError, output, reaches, run, succeeds

PULL_SECONDS = 900
NEWEST = 999
REGISTRY_HOSTS = {"docker.io": "registry-1.docker.io"}
SUITES = {"11": "bullseye", "12": "bookworm", "13": "trixie"}
COMPILERS = ("gcc", "g++", "libc6-dev", "make", "pkg-config", "git", "curl", "patch", "zlib1g-dev")
COMMON_LIBRARIES = (
    "libffi8",
    "libsqlite3-0",
    "zlib1g",
    "libbz2-1.0",
    "liblzma5",
    "libuuid1",
    "libncursesw6",
    "libexpat1",
)
PYTHON_LIBRARIES = {
    "bookworm": (*COMMON_LIBRARIES, "libssl3", "libreadline8", "netbase", "tzdata"),
    "trixie": (*COMMON_LIBRARIES, "libssl3t64", "libreadline8t64", "netbase", "tzdata"),
}
# The published wrappers prepare things and then run what they were given; a flag as first argument goes to the program.
WRAPPER = (
    """RUN printf '#!/bin/sh\\nset -e\\ncase "${{1:-}}" in -*) set -- {program} "$@" ;; esac\\nexec "$@"\\n' > {path}"""
    " && chmod 755 {path}"
)


NGINX_CONF = (
    "user nginx; worker_processes auto; error_log /var/log/nginx/error.log notice; pid /run/nginx.pid;"
    " events { worker_connections 1024; }"
    " http { include /etc/nginx/mime.types; default_type application/octet-stream; sendfile on;"
    " access_log /var/log/nginx/access.log; include /etc/nginx/conf.d/*.conf; }"
)
NGINX_SITE = "server { listen 80; location / { root /usr/share/nginx/html; index index.html index.htm; } }"
YARN = f"""ENV YARN_VERSION={toolchains.YARN_VERSION}
COPY --from=yarn . /opt/yarn-v{toolchains.YARN_VERSION}
RUN ln -s /opt/yarn-v{toolchains.YARN_VERSION}/bin/yarn /opt/yarn-v{toolchains.YARN_VERSION}/bin/yarnpkg /usr/local/bin/
"""


@dataclass(frozen=True, slots=True)
class Name:
    """An image reference, the parts a stand-in is chosen by, and the suite of its release if the tag names one."""

    reference: str
    repository: str
    tag: str
    version: str
    suite: str | None


def ensure(reference: str) -> str:
    """Have an image of this name; return "there", "pulled" or "stand-in", for how.

    Raises:
        LabError: it is not there, cannot be pulled, and no stand-in is described for it.
    """
    if is_there(reference):
        return "there"
    name = parse(reference)
    if reaches(_registry_host(name.repository)) and succeeds(
        "docker", "pull", "--quiet", reference, seconds=PULL_SECONDS
    ):
        return "pulled"
    make = FAMILIES.get(name.repository)
    if make is not None:
        make(name)
    else:
        distroless.make(name.reference, name.repository, name.tag)
    return "stand-in"


def parse(reference: str) -> Name:
    """Return the parts of a reference: `python:3.12-slim-bookworm` is version 3.12 of suite bookworm."""
    repository, colon, tag = reference.rpartition(":")
    if not colon or "/" in tag:
        repository, tag = reference, "latest"
    version = tag.partition("-")[0]
    suite = next((suite for suite in SUITES.values() if suite in tag), None)
    return Name(reference, repository, tag, version, suite)


def _registry_host(repository: str) -> str:
    first = repository.partition("/")[0]
    registry = first if "/" in repository and ("." in first or ":" in first) else "docker.io"
    return REGISTRY_HOSTS.get(registry, registry)


def _debian(name: Name) -> None:
    suite = name.suite or SUITES.get(name.version.partition(".")[0], "trixie")
    import_tar(name.reference, debian.root_tar(suite), f"ENV PATH={DEFAULT_PATH}", 'CMD ["bash"]')


def _golang(name: Name) -> None:
    base = debian_base(name.suite or _suite_since(name.version, (1, 24)), COMPILERS)
    home = toolchains.go_home(name.version)
    release = (home / "VERSION").read_text().split()[0].removeprefix("go")
    # Before 1.21 the images did not set GOTOOLCHAIN; the newer Go that stands for them must not fetch another either.
    toolchain = "GOTOOLCHAIN=local " if _numbers(name.version) >= (1, 21) else ""
    dockerfile = f"""FROM {base}
ENV GOLANG_VERSION={release} {toolchain}GOPATH=/go PATH=/go/bin:/usr/local/go/bin:{DEFAULT_PATH}
COPY --from=go . /usr/local/go
RUN sed -i s/^GOTOOLCHAIN=.*/GOTOOLCHAIN=local/ /usr/local/go/go.env
RUN mkdir -p /go/src /go/bin && chmod -R 1777 /go
WORKDIR /go
CMD ["bash"]
"""
    build(name.reference, dockerfile, {"go": home})


def _python(name: Name) -> None:
    home = toolchains.cpython_home(name.version)
    suite = _own_suite()
    base = debian_base(suite, PYTHON_LIBRARIES[suite] + (() if "slim" in name.tag else COMPILERS))
    dockerfile = f"""FROM {base} AS trimmed
COPY --from=python . /usr/local
COPY --from=certificates ca-certificates.crt {CERTIFICATES}
RUN set -eu; ldconfig; cd /usr/local/lib; \\
 rm -rf *.a python{name.version}/test python{name.version}/config-* python{name.version}/site-packages/*; \\
 find . -name __pycache__ -prune -exec rm -rf {{}} +; find . -depth -name test -o -name tests | xargs rm -rf; \\
 cd /usr/local/bin; ln -sf python{name.version} python3; ln -sf python3 python; \\
 python -m ensurepip >/dev/null 2>&1; ln -sf pip3 pip; \\
 find . -type f -size -64k -exec sed -i '1s|^#!.*/python[0-9.]*|#!/usr/local/bin/python{name.version}|' {{}} +
FROM {base}
ENV PATH=/usr/local/bin:{DEFAULT_PATH} LANG=C.UTF-8 PYTHON_VERSION={home.name}
COPY --from=trimmed /usr/local /usr/local
COPY --from=certificates ca-certificates.crt {CERTIFICATES}
RUN ldconfig && printf '[global]\\ncert = {CERTIFICATES}\\n' > /etc/pip.conf
CMD ["python3"]
"""
    build(name.reference, dockerfile, {"python": home, "certificates": Path(CERTIFICATES).parent})


def _node(name: Name) -> None:
    home = toolchains.node_home(name.version)
    more = () if "slim" in name.tag else (*COMPILERS, "python3")
    base = debian_base(name.suite or _suite_since(name.version, (26,)), ("libstdc++6", "libatomic1", *more))
    opt = YARN if _numbers(name.version) < (26,) else ""
    dockerfile = f"""FROM {base}
RUN groupadd --gid 1000 node && useradd --uid 1000 --gid node --shell /bin/bash --create-home node
ENV NODE_VERSION={home.name.removeprefix("node-")}
COPY --from=node . /usr/local
{opt}COPY --from=certificates ca-certificates.crt {CERTIFICATES}
RUN mkdir -p /usr/local/etc && echo 'cafile={CERTIFICATES}' > /usr/local/etc/npmrc
ENTRYPOINT ["docker-entrypoint.sh"]
CMD ["node"]
"""
    trees = {"node": home, "yarn": toolchains.yarn_home(), "certificates": Path(CERTIFICATES).parent}
    build(name.reference, dockerfile, trees)


def _temurin(name: Name) -> None:
    home, major, kind = "/opt/java/openjdk", name.version.partition(".")[0], _java_kind(name)
    command = 'CMD ["jshell"]' if kind == "jdk" else ""
    _built_upon(
        name,
        (f"openjdk-{major}-{kind}-headless", "locales"),
        _java_moved(major, home),
        "RUN localedef --inputfile=en_US --charmap=UTF-8 en_US.UTF-8",
        WRAPPER.format(path="/__cacert_entrypoint.sh", program=""),
        f"ENV JAVA_HOME={home} PATH={home}/bin:{DEFAULT_PATH} LANG=en_US.UTF-8 LANGUAGE=en_US:en LC_ALL=en_US.UTF-8 "
        f"JAVA_VERSION={name.version}",
        f'ENTRYPOINT ["/__cacert_entrypoint.sh"]\n{command}',
        suite=_java_suite(major),
    )


def _openjdk(name: Name) -> None:
    major, kind = name.version.partition(".")[0], _java_kind(name)
    home = f"/usr/local/openjdk-{major}"
    _built_upon(
        name,
        (f"openjdk-{major}-{kind}-headless",),
        _java_moved(major, home),
        f"ENV JAVA_HOME={home} PATH={home}/bin:{DEFAULT_PATH} LANG=C.UTF-8 JAVA_VERSION={name.version}",
        'CMD ["jshell"]' if kind == "jdk" else 'CMD ["bash"]',
        suite=_java_suite(major),
    )


def _java_kind(name: Name) -> str:
    return "jre" if "jre" in name.tag else "jdk"


def _java_suite(major: str) -> str:
    return "bookworm" if major == "17" else "trixie"


def _java_moved(major: str, home: str) -> str:
    """Return the line that makes Debian's tree, whose parts are links, a real folder where the image has it."""
    tree = f"/usr/lib/jvm/java-{major}-openjdk-{debian.architecture()}"
    dangling = f"find {tree} -xtype l -delete"  # links to documentation that is not installed
    return f"RUN {dangling} && mkdir -p {Path(home).parent} && cp -aL {tree} {home} && rm -rf {tree}"


def _rust(name: Name) -> None:
    _built_upon(
        name,
        ("rustc", "cargo", "gcc", "libc6-dev", "libssl-dev", "pkg-config"),
        f"ENV RUSTUP_HOME=/usr/local/rustup CARGO_HOME=/usr/local/cargo PATH=/usr/local/cargo/bin:{DEFAULT_PATH} "
        f"RUST_VERSION={name.version}",
        "RUN mkdir -p /usr/local/cargo/bin && ln -s /usr/bin/rustc /usr/bin/cargo /usr/local/cargo/bin/",
        'CMD ["bash"]',
    )


def _ruby(name: Name) -> None:
    _built_upon(
        name,
        ("ruby", "ruby-dev", "bundler", "gcc", "make", "libc6-dev"),
        "ENV LANG=C.UTF-8 GEM_HOME=/usr/local/bundle BUNDLE_SILENCE_ROOT_WARNING=1 BUNDLE_APP_CONFIG=/usr/local/bundle "
        f"PATH=/usr/local/bundle/bin:{DEFAULT_PATH} RUBY_VERSION={name.version}",
        'CMD ["irb"]',
    )


def _php(name: Name) -> None:
    _built_upon(
        name,
        ("php-cli", "php-curl", "php-mbstring"),
        # All of it lies below /usr/local in the published images.
        "RUN mv /usr/lib/php /usr/local/lib/php && ln -s /usr/local/lib/php /usr/lib/php"
        " && mv /etc/php /usr/local/etc/php && ln -s /usr/local/etc/php /etc/php"
        " && ln -s /usr/bin/php /usr/local/bin/php",
        WRAPPER.format(path="/usr/local/bin/docker-php-entrypoint", program="php"),
        f"ENV PHP_VERSION={name.version} PHP_INI_DIR=/usr/local/etc/php",
        "ENV PHP_CFLAGS=-O2 PHP_CPPFLAGS=-O2 PHP_LDFLAGS=-pie",
        'ENTRYPOINT ["docker-php-entrypoint"]\nCMD ["php", "-a"]',
    )


def _nginx(name: Name) -> None:
    _built_upon(
        name,
        ("nginx-light",),
        "RUN useradd --system --uid 101 --home-dir /nonexistent --shell /bin/false nginx"
        " && mkdir -p /var/cache/nginx /usr/lib/nginx/modules /docker-entrypoint.d && rm -rf /etc/nginx/sites-*"
        " && ln -sf /dev/stdout /var/log/nginx/access.log && ln -sf /dev/stderr /var/log/nginx/error.log",
        f"RUN printf '%s' '{NGINX_CONF}' > /etc/nginx/nginx.conf"
        f" && printf '%s' '{NGINX_SITE}' > /etc/nginx/conf.d/default.conf",
        WRAPPER.format(path="/docker-entrypoint.sh", program="nginx"),
        f"ENV NGINX_VERSION={name.version}",
        'EXPOSE 80\nSTOPSIGNAL SIGQUIT\nENTRYPOINT ["/docker-entrypoint.sh"]\nCMD ["nginx", "-g", "daemon off;"]',
    )


def _gcc(name: Name) -> None:
    _built_upon(name, (*COMPILERS, "gfortran"), 'CMD ["bash"]')


def _built_upon(name: Name, packages: tuple[str, ...], *lines: str, suite: str = "trixie") -> None:
    base = debian_base(name.suite or suite, packages)
    build(name.reference, "\n".join((f"FROM {base}", *lines, "")), {})


def _busybox(name: Name) -> None:
    with tempfile.TemporaryDirectory() as work:
        (package,) = debian.download("trixie", ("busybox-static",), Path(work))
        unpacked, root = folder_in(work, "unpacked"), folder_in(work, "root")
        debian.unpack(package, unpacked)
        folder_in(root, "tmp").chmod(0o1777)
        box = folder_in(root, "bin") / "busybox"
        shutil.copy(
            next(path for path in unpacked.rglob("busybox") if path.is_file() and path.parent.name == "bin"), box
        )
        for applet in output(box, "--list").split():
            if applet != "busybox":
                (box.parent / applet).hardlink_to(box)
        run("tar", "-C", root, "-cf", Path(work, "root.tar"), ".")
        import_tar(name.reference, Path(work, "root.tar"), f"ENV PATH={DEFAULT_PATH}", 'CMD ["sh"]')


def folder_in(parent: str | Path, name: str) -> Path:
    """Return a new folder."""
    path = Path(parent, name)
    path.mkdir()
    return path


def _own_suite() -> str:
    """Return this machine's Debian release, against whose libraries its CPython is built."""
    lines = Path("/etc/os-release").read_text().splitlines()
    own = next((line.partition("=")[2] for line in lines if line.startswith("VERSION_CODENAME=")), "")
    if own not in PYTHON_LIBRARIES:
        raise LabError(f"no stand-in for Python can be built on {own or 'this system'}; help: use Debian 12 or 13")
    return own


def _suite_since(version: str, trixie_since: tuple[int, ...]) -> str:
    """Return the release a tag without a suite was last published on; `latest` on the newest."""
    return "trixie" if _numbers(version) >= trixie_since else "bookworm"


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split(".") if part.isdecimal()) or (NEWEST,)


FAMILIES: dict[str, Callable[[Name], None]] = {
    "debian": _debian,
    "golang": _golang,
    "python": _python,
    "node": _node,
    "eclipse-temurin": _temurin,
    "openjdk": _openjdk,
    "rust": _rust,
    "ruby": _ruby,
    "php": _php,
    "nginx": _nginx,
    "gcc": _gcc,
    "busybox": _busybox,
}
