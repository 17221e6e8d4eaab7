"""What an image is, in numbers and names: for the table of before and after. Compares nothing."""

from __future__ import annotations

from dataclasses import dataclass

from rewriter.engine.files import PACKAGE_MANAGERS, SHELLS, Files, packages, programs
from rewriter.engine.images import Image


@dataclass(frozen=True, slots=True)
class Inventory:
    """An image in numbers and names; `shells` and `package_managers` are program names."""

    size: int
    layers: int
    platform: str
    packages: int
    executables: int
    setuid: int
    shells: tuple[str, ...]
    package_managers: tuple[str, ...]
    build_seconds: float


def inventory_of(image: Image, files: Files) -> Inventory:
    """Return what an image is."""
    regular = [entry for entry in files.entries.values() if entry.is_file]
    return Inventory(
        size=image.size,
        layers=image.layers,
        platform=image.platform,
        packages=len(packages(files)),
        executables=sum(1 for entry in regular if entry.mode & 0o111),
        setuid=sum(1 for entry in regular if entry.mode & 0o6000),
        shells=programs(files, SHELLS),
        package_managers=programs(files, PACKAGE_MANAGERS),
        build_seconds=image.seconds,
    )
