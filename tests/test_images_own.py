from __future__ import annotations

import pickle
from pathlib import Path

import pytest

from rewriter.analysis.context import Context
from rewriter.engine.describe import Files, table
from rewriter.engine.images import Image
from rewriter.images.catalog import lookup_behind
from rewriter.images.family import Family
from rewriter.images.model import DEFAULT_PATH, Exec, KnownImage, Unknown
from rewriter.images.own import own_family
from rewriter.images.reference import parse_reference
from rewriter.images.tables import BrokenTableError
from rewriter.pipeline import rewrite
from rewriter.plan import Declined, Options, Rewritten
from tests.command_line import dfmod

BASE = """
family = 'base'
names = ['registry.example/team/base', 'team/base']
os = 'debian'
libc = 'glibc'
packages = 'apt'
env = ['PATH={path}']
cmd = ['bash']
source = 'image inspect'
checked = '2026-11-24'

[[variants]]
match = '^7$'
release = 'bookworm'

[[variants]]
match = '^6$'
unknown = 'it is not used any more'
"""
NGINX = "FROM registry.example/team/base:7\nRUN apt-get install -y nginx\nCMD nginx -g 'daemon off;'\n"
DEBIAN = frozenset({"bin/sh", "var/lib/dpkg/status", "usr/lib64/ld-linux-x86-64.so.2", "home/app/x", "platform/x"})
ALPINE = frozenset({"bin/sh", "lib/apk/db/installed", "lib/ld-musl-aarch64.so.1", "usr/lib/python3.12/os.py"})


def family() -> Family:
    return own_family(BASE, "base.toml")


def found(text: str, own: tuple[Family, ...], prefix: str = "") -> KnownImage | Unknown:
    ref = parse_reference(text)
    assert ref is not None
    return lookup_behind(prefix, own)(ref)


@pytest.mark.parametrize("name", ["registry.example/team/base:7", "team/base:7", "docker.io/team/base:7"])
def test_own_image_is_known_by_its_full_name(name: str) -> None:
    image = found(name, (family(),))
    assert isinstance(image, KnownImage)
    assert (image.release, image.libc_version, image.config.cmd) == ("bookworm", "2.36", Exec(("bash",)))


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("registry.example/team/base:6", "it is not used any more"),
        ("registry.example/team/base:5", "no facts about this variant"),
        ("registry.example/other/base:7", "no facts about this image"),
        ("base:7", "no facts about this image"),
    ],
)
def test_other_images_stay_unknown(name: str, why: str) -> None:
    image = found(name, (family(),))
    assert isinstance(image, Unknown)
    assert why in image.why


def test_shipped_images_are_known_beside_and_behind_a_prefix() -> None:
    assert isinstance(found("python:3.12", (family(),)), KnownImage)
    assert isinstance(found("mirror.example/python:3.12", (family(),), "mirror.example/"), KnownImage)


def test_what_a_user_says_counts_first() -> None:
    own = own_family(BASE.replace("'team/base'", "'debian'"), "base.toml")
    image = found("debian:7", (own,))
    assert isinstance(image, KnownImage)
    assert image.release == "bookworm"


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("cmd = ['bash']", "cmd = 'bash'", "base.toml: variants 1: cmd must be a list of texts"),
        ("os = 'debian'", "system = 'debian'", "base.toml: unknown key system"),
        ("'bookworm'", "'bookwurm'", "base.toml: variants 1: release: 'bookwurm' is no known release"),
        (
            "release =",
            "wrapper = 'start'\nrelease =",
            "base.toml: variants 1: wrapper: no entrypoint script named 'start'",
        ),
        ("'team/base'", "'team/base:7'", "base.toml: names: 'team/base:7' is no image name without a tag"),
        ("'team/base'", "'Team Base'", "base.toml: names: 'Team Base' is no image name"),
        ("libc = 'glibc'", "libc = 'newlib'", "base.toml: variants 1: libc is 'newlib', not one of glibc"),
        ("['PATH={path}']", "['A=b']", "base.toml: variants 1: env has no PATH"),
        ("checked = '2026-11-24'", "", "base.toml: variants 1: checked is missing"),
        ("family = 'base'", "", "base.toml: family is missing"),
        ("[[variants]]", "[variants", "base.toml: "),
    ],
)
def test_mistake_is_told_by_file_table_and_key(old: str, new: str, says: str) -> None:
    with pytest.raises(BrokenTableError) as raised:
        own_family(BASE.replace(old, new), "base.toml")
    assert str(raised.value).startswith(says)


def test_a_conversion_knows_the_images_it_is_given(tmp_path: Path) -> None:
    context = Context.open(tmp_path, tmp_path / "Dockerfile")
    without = rewrite(NGINX, context, Options())
    assert isinstance(without, Declined)
    assert "dfmod describe registry.example/team/base:7" in without.refusal.help
    own = pickle.loads(pickle.dumps(family()))  # noqa: S301 - as it gets to other processes
    outcome = rewrite(NGINX, context, Options(images=(own,)))
    assert isinstance(outcome, Rewritten)
    assert "from=registry.example/team/base:7" in outcome.text


@pytest.mark.parametrize(
    ("content", "says"),
    [(None, "no such file or directory"), (b"\xff", "not a text in UTF-8"), (b"family = 1\n", "family must be a text")],
)
def test_images_that_cannot_be_read_are_one_error(
    content: bytes | None, says: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    Path("Dockerfile").write_text("FROM debian:12\n")
    name = f"{'none' if content is None else content.hex()}.toml"
    if content is not None:
        Path(name).write_bytes(content)
    ran = dfmod("convert", "--images", name, "Dockerfile")
    assert ran.code == 2
    assert f"--images: {name}" in ran.err
    assert says in ran.err


def described(config: dict[str, object], files: Files, reference: str = "registry.example/team/base:7-stable") -> str:
    return table(reference, Image(reference, 1, config), files, "2026-11-24")


@pytest.mark.parametrize(
    ("names", "release", "expected"),
    [
        (
            DEBIAN,
            'ID=debian\nVERSION_CODENAME=trixie\nVERSION_ID="13"\n',
            ("debian", "trixie", "glibc", "apt", ("/platform",)),
        ),
        (ALPINE, "ID=alpine\nVERSION_ID=3.22.1\n", ("alpine", "alpine3.22", "musl", "apk", ("/usr/lib/python3.12",))),
        (frozenset({"var/lib/rpm/rpmdb.sqlite"}), 'ID="rhel"\nVERSION_ID="9.6"\n', ("ubi", "ubi9", None, "rpm", ())),
        (frozenset({"app"}), "", (None, None, None, None, ())),
    ],
)
def test_description_is_a_table_that_can_be_read(
    names: frozenset[str], release: str, expected: tuple[object, ...]
) -> None:
    config: dict[str, object] = {
        "Env": [f"PATH=/x:{DEFAULT_PATH}", 'QUOTE=it\'s "so"'],
        "Entrypoint": ["/start", "a b"],
        "Cmd": None,
        "User": "app",
        "WorkingDir": "/srv",
        "ExposedPorts": {"80/tcp": {}},
    }
    users = "root:x:0:0::/:\napp:x:7:8::/:\nme:x:1000:1000::/:\n"
    files = Files(names, {"etc/os-release": release, "etc/passwd": users})
    own = own_family(described(config, files), "described.toml")
    image = found("registry.example/team/base:7-stable", (own,))
    assert isinstance(image, KnownImage)
    assert (image.os, image.release, image.libc, image.packages, image.trees) == expected
    assert image.config.env == (("PATH", f"/x:{DEFAULT_PATH}"), ("QUOTE", 'it\'s "so"'))
    assert (image.config.entrypoint, image.config.cmd) == (Exec(("/start", "a b")), None)
    assert (image.config.user, image.config.workdir, image.config.ports) == ("app", "/srv", ("80/tcp",))
    assert image.users == ("app:7:8", "me:1000:1000")
    assert image.has_shell == ("bin/sh" in names)


@pytest.mark.parametrize(
    ("config", "why"),
    [({"OnBuild": ["COPY . ."]}, "ONBUILD"), ({"Healthcheck": {"Test": ["CMD", "x"]}}, "HEALTHCHECK")],
)
def test_what_a_table_cannot_say_makes_the_image_unknown(config: dict[str, object], why: str) -> None:
    own = own_family(described(config, Files(DEBIAN, {})), "described.toml")
    image = found("registry.example/team/base:7-stable", (own,))
    assert isinstance(image, Unknown)
    assert why in image.why
