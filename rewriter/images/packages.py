"""What distribution packages are for, and which package a program comes from.

Packages that are not in the table are carried: to leave behind what runs would break it, to carry too much does not.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal, get_args

from rewriter.images.model import PackageRole, Packages
from rewriter.images.tables import FOLDER, Row, keys, read_table
from rewriter.record import record

Role = Literal["build", "runtime", "covered"]

# What may follow a name: `=1.2-3`, `~=1.2`, `>1`, `@edge` (apk), `:amd64`, `/bookworm-backports` (apt).
_NAME = r"[^=<>~@:/]+"
_DEFAULT = "not in the table of packages: it is carried"


@record
class PackageTable:
    """Roles by exact name and by pattern, in order; the packages of a program, the likeliest first."""

    exact: Mapping[tuple[str, str], tuple[Role, str]]
    patterns: Mapping[str, tuple[tuple[str, Role, str], ...]]
    programs: Mapping[tuple[str, str], tuple[str, ...]]


def package_role(manager: Packages, name: str) -> PackageRole:
    """Return what a package is for. A name that the table does not know has the role "runtime" and is not `known`.

    A version (`curl=7.88`, `nodejs~=20`) or an architecture (`libc6:amd64`) behind the name is not looked at.
    """
    found = re.match(_NAME, name)
    bare = found[0] if found else name
    table = _table()
    if exact := table.exact.get((manager, bare)):
        return PackageRole(bare, exact[0], exact[1], known=True)
    for pattern, role, why in table.patterns[manager]:
        if fnmatchcase(bare, pattern):
            return PackageRole(bare, role, why, known=True)
    return PackageRole(bare, "runtime", _DEFAULT, known=False)


def program_packages(manager: Packages, program: str) -> tuple[str, ...]:
    """Return the packages a program may come from, the likeliest first; one of the same name where none is recorded."""
    return _table().programs.get((manager, program), (program,))


@cache
def _table() -> PackageTable:
    return read_packages(FOLDER / "packages.toml")


def read_packages(path: Path) -> PackageTable:
    """Return the table written in the file.

    Raises:
        BrokenTableError: a key is unknown or missing, a group is empty, or a package has two roles.
    """
    table = read_table(path).only(keys("checked source groups programs"))
    table.date("checked")
    table.text("source")
    exact: dict[tuple[str, str], tuple[Role, str]] = {}
    patterns: dict[str, list[tuple[str, Role, str]]] = {manager: [] for manager in get_args(Packages)}
    for row in table.rows("groups"):
        role, why = _role(row.only(keys("managers role why names")))
        for manager, name in _pairs(row):
            if "*" in name:
                patterns[manager].append((name, role, why))
            elif exact.setdefault((manager, name), (role, why)) != (role, why):
                raise row.fail(f"{name} ({manager}) has two roles")
    return PackageTable(exact, {name: tuple(found) for name, found in patterns.items()}, _read_programs(table))


def _role(row: Row) -> tuple[Role, str]:
    stated = row.one_of("role", get_args(Role))
    return next(role for role in get_args(Role) if role == stated), row.text("why")


def _pairs(row: Row) -> list[tuple[str, str]]:
    managers, names = row.words("managers"), row.words("names")
    if not names or not managers or not set(managers) <= set(get_args(Packages)):
        raise row.fail("managers or names is missing or not known")
    return [(manager, name) for manager in managers for name in names]


def _read_programs(table: Row) -> Mapping[tuple[str, str], tuple[str, ...]]:
    found: dict[tuple[str, str], tuple[str, ...]] = {}
    for row in table.rows("programs"):
        for line in row.only(keys("managers names")).text("names").splitlines():
            program, colon, packages = line.partition(":")
            if line and not (colon and packages.split()):
                raise row.fail(f"{line!r} is no program with its packages")
            for manager in row.words("managers") if line else ():
                found[manager, program] = tuple(packages.split())
    return found
