"""The fact tables themselves: every row says where it comes from, and a broken table raises."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from rewriter.images import catalog, family, releases
from rewriter.images.distroless import read_runtimes
from rewriter.images.family import SHARED, read_family
from rewriter.images.inits import read_init_release, read_inits
from rewriter.images.packages import read_packages
from rewriter.images.spare import read_spare
from rewriter.images.tables import FOLDER, BrokenTableError, read_table
from rewriter.images.wrappers import read_wrappers

TABLES = sorted(FOLDER.glob("*.toml"))
FAMILIES = [path for path in TABLES if path.stem not in SHARED]
DATE = re.compile(r"20\d\d-\d\d-\d\d")
READERS: dict[str, Callable[[Path], object]] = {
    "inits": read_inits,
    "packages": read_packages,
    "runtime": read_runtimes,
    "tini": read_init_release,
    "spare": read_spare,
    "wrappers": read_wrappers,
}
FAMILY = """
family = 'test'
names = ['test']
os = 'debian'
libc = 'glibc'
env = ['PATH={path}']
checked = '2026-11-24'
source = 'here'

[[variants]]
match = '^1'

[suites]
series = 'minor'
floating = '''
bookworm: 1.0 latest
trixie 2026-01-31: 1.1
'''
switches = '''
- slim: 1.0.0=bullseye 1.0.4=bookworm
'''
"""


def test_every_shared_table_has_a_reader() -> None:
    assert {*READERS, "index", "releases"} == SHARED
    assert all((FOLDER / f"{name}.toml").is_file() for name in SHARED)
    assert len(FAMILIES) > 40


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_family_is_read_and_names_its_sources(path: Path) -> None:
    found = read_family(path)
    wrappers = {row.name for row in catalog.wrappers()}
    for variant in found.variants:
        assert variant.row.text("source")
        assert variant.row.date("checked") >= "2026-11-01"
        assert (variant.row.maybe("wrapper") or "") in wrappers | {""}
    assert len(found.variants) <= 60
    assert path.stat().st_size < 32_000, "a table is read in a few milliseconds"


@pytest.mark.parametrize("path", FAMILIES, ids=lambda path: path.stem)
def test_days_are_sane(path: Path) -> None:
    ended = [moving.ended for moving in read_family(path).suites.floating.values() if moving.ended]
    assert all("2014-01-01" < day < "2026-11-24" for day in ended)


def test_releases_are_sane() -> None:
    table = read_table(FOLDER / "releases.toml")
    found = [catalog.release(row.text("id")) for row in table.rows("releases")]
    assert {(r.id, r.libc_version) for r in found} >= {("bookworm", "2.36"), ("trixie", "2.41"), ("resolute", "2.43")}
    for item in found:
        assert item.source
        assert DATE.fullmatch(item.checked)
        assert re.fullmatch(r"2\.\d+", item.libc_version or "2.0")
        assert "2014" < (item.end_of_life or "2020") < (item.lts_end or "2036")
        assert (item.libc == "musl") == (item.os == "alpine")


def test_any_alpine_release_is_musl() -> None:
    assert catalog.release("alpine3.99").libc == "musl"
    assert catalog.release("alpine3.99").version == "3.99"


@pytest.mark.parametrize("name", ["buzz", "alpine", "alpine4", ""])
def test_release_that_is_not_known_raises(name: str) -> None:
    if name == "alpine":
        assert catalog.release(name).libc_version is None
        return
    with pytest.raises(KeyError):
        catalog.release(name)


def test_index_names_tables_that_name_the_repository() -> None:
    pairs = read_table(FOLDER / "index.toml").pairs("repositories")
    for place, table in pairs:
        assert place.removeprefix("docker.io/") in family.family(table).repositories
    listed = {place.removeprefix("docker.io/") for place, _ in pairs}
    official = {path.stem for path in FAMILIES}
    assert {name for path in FAMILIES for name in read_family(path).repositories} <= listed | official


def test_good_family_is_read(tmp_path: Path) -> None:
    path = tmp_path / "test.toml"
    path.write_text(FAMILY)
    found = read_family(path)
    assert found.suites.floating["1.1"] == releases.Floating("trixie", "2026-01-31")
    assert releases.release_of("1.0.3-slim", found.suites) == "bullseye"
    assert releases.release_of("1.0.9", found.suites) == "bookworm"
    assert releases.release_of("1.1.9", found.suites) is None, "no word on patch versions"


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("family = 'test'", "family = 'other'", "not named after its family"),
        ("names = ['test']", "names = []", "has no names"),
        ("names = ['test']", "names = 'test'", "names must be a list of texts"),
        ("os = 'debian'", "system = 'debian'", "unknown key system"),
        ("libc = 'glibc'", "libc = 'dietlibc'", "variants 1: libc is 'dietlibc', not one of glibc, musl, uclibc"),
        ("checked = '2026-11-24'", "", "variants 1: checked is missing"),
        ("checked = '2026-11-24'", "checked = 'yesterday'", "variants 1: checked must be a date"),
        ("checked = '2026-11-24'", "checked = 2026-11-24", "checked must be a text"),
        ("source = 'here'", "source = ''", "variants 1: source is missing"),
        ("match = '^1'", "match = '^(1'", "variants 1: match is no pattern"),
        ("match = '^1'", "match = '^1'\nenv = ['PATH']", "variants 1: env must hold name=value texts"),
        ("env = ['PATH={path}']", "", "variants 1: env has no PATH"),
        ("match = '^1'", "match = '^1'\npackage = 'apt'", "variants 1: unknown key package"),
        ("match = '^1'", "", "variants 1 is no table or an empty one"),
        ("[[variants]]", "[[others]]", "unknown key others"),
        ("[[variants]]\nmatch = '^1'", "", "variants has no rows"),
        ("series = 'minor'", "series = 'patch'", "suites: series is 'patch', not one of major, minor"),
        ("bookworm: 1.0 latest", "bookwurm: 1.0 latest", "suites: 'bookwurm' is no known release"),
        ("bookworm: 1.0 latest", "bookworm 1.0 latest", "floating has a line without a colon"),
        ("bookworm: 1.0 latest", "bookworm:", "floating has a line without a colon or with one side empty"),
        ("trixie 2026-01-31:", "trixie soon:", "floating trixie: not one date"),
        ("bookworm: 1.0 latest\ntrixie 2026-01-31: 1.1\n", "", "there are no floating tags"),
        ("1.0.4=bookworm", "1.1.4=bookworm", "more than one series"),
        ("1.0.0=bullseye 1.0.4=bookworm", "1.0.4=bookworm 1.0.0=bullseye", "not in order"),
        ("1.0.4=bookworm", "1.0.4=bookwurm", "'bookwurm' is no known release"),
        ("- slim: 1.0.0", "- slim: 1.0.0=bullseye\n-: 1.0.0", "a tag or a series is given twice"),
        ("bookworm: 1.0 latest", "bookworm: 1.0 1.1", "a tag or a series is given twice"),
        ("[suites]", "[suites", ": Expected"),
    ],
)
def test_broken_family_raises(tmp_path: Path, old: str, new: str, message: str) -> None:
    assert old in FAMILY
    path = tmp_path / "test.toml"
    path.write_text(FAMILY.replace(old, new, 1))
    with pytest.raises(BrokenTableError, match=f"^test.toml.*{re.escape(message)}"):
        read_family(path)


@pytest.mark.parametrize("content", ["", "# nothing but a comment\n"])
def test_empty_table_raises(tmp_path: Path, content: str) -> None:
    path = tmp_path / "empty.toml"
    path.write_text(content)
    with pytest.raises(BrokenTableError, match=r"^empty\.toml: the table is empty"):
        read_table(path)


def test_missing_table_raises(tmp_path: Path) -> None:
    with pytest.raises(BrokenTableError, match=r"^absent\.toml"):
        read_table(tmp_path / "absent.toml")


def test_table_that_is_not_text_raises(tmp_path: Path) -> None:
    path = tmp_path / "bytes.toml"
    path.write_bytes(b"family = '\xff'\n")
    with pytest.raises(BrokenTableError, match=r"^bytes\.toml"):
        read_table(path)


@pytest.mark.parametrize(
    ("name", "old", "new", "message"),
    [
        ("runtime", "status = 'current'", "status = 'fresh'", "images 1: status is 'fresh'"),
        ("runtime", "distro = 'debian13'", "distro = ''", "images 1: distro is missing"),
        ("runtime", "name = 'base-nossl'", "name = 'static'", "an image is given twice"),
        ("runtime", "merged_usr = true", "merged_usr = 'yes'", "images 1: merged_usr must be true or false"),
        ("tini", "sha256 = 'c5b0", "sha256 = 'C5B0", "assets 1: sha256 is no checksum"),
        ("tini", "{asset}", "tini", "url has no {asset}"),
        ("tini", "source = 'confirmed", "# source = 'confirmed", "assets 1: source is missing"),
        ("inits", "role = 'wrapper'", "role = 'init'", "inits 1: role is 'init', not one of wrapper, supervisor"),
        ("inits", "names = 'docker-init'", "names = 'tini'", "two inits have one name"),
        ("inits", "names = 'docker-init'", "names = ''", "inits 2: neither names nor paths"),
        ("wrappers", "'option', 'unknown-command'", "'options', 'unknown-command'", "wrappers 1: prepends and"),
        ("wrappers", "prepends = ['node']\n", "", "wrappers 1: prepends and"),
        ("wrappers", "name = 'php'\n", "name = 'node'\n", "a name is given twice"),
        ("packages", "role = 'covered'", "role = 'carried'", "groups 1: role is 'carried'"),
        ("packages", "managers = 'apt apk rpm'", "managers = 'apt pacman'", "groups 1: managers or names is missing"),
        ("packages", "names = 'ca-certificates ", "names = 'tzdata ", "has two roles"),
        ("packages", "nc: netcat-openbsd", "nc netcat-openbsd", "is no program with its packages"),
    ],
)
def test_broken_shared_table_raises(tmp_path: Path, name: str, old: str, new: str, message: str) -> None:
    text = (FOLDER / f"{name}.toml").read_text("utf-8")
    assert old in text
    path = tmp_path / f"{name}.toml"
    path.write_text(text.replace(old, new, 1), "utf-8")
    with pytest.raises(BrokenTableError, match=re.escape(message)):
        READERS[name](path)


@pytest.mark.parametrize("name", sorted(READERS))
def test_shared_table_is_read(tmp_path: Path, name: str) -> None:
    copy = shutil.copy(FOLDER / f"{name}.toml", tmp_path)
    assert READERS[name](Path(copy)) == READERS[name](FOLDER / f"{name}.toml")
