"""What cargo commands write and how it is linked; which libraries the crates of a project link."""

from __future__ import annotations

from pathlib import Path

import pytest

from rewriter.analysis.built import Linkage
from rewriter.analysis.context import Context
from rewriter.analysis.rust_build import folders_written, linkage, read_cargo
from rewriter.analysis.rust_project import libraries_by_lock, libraries_by_manifest, read_project

WRITTEN: tuple[tuple[str, dict[str, str], str], ...] = (
    ("cargo build --release", {}, "/app/target/release"),
    ("cargo +nightly b -r", {}, "/app/target/release"),
    ("cargo build", {}, "/app/target/debug"),
    ("cargo build --profile dist", {}, "/app/target/dist"),
    (
        "cargo build --release --target=x86_64-unknown-linux-musl",
        {},
        "/app/target/x86_64-unknown-linux-musl/release",
    ),
    ("cargo build --release", {"CARGO_TARGET_DIR": "/out"}, "/out/release"),
    ("cargo install --path .", {"CARGO_HOME": "/usr/local/cargo"}, "/usr/local/cargo/bin"),
    ("cargo install --root /out --path .", {}, "/out/bin"),
)
LINKED: tuple[tuple[str, dict[str, str], Linkage], ...] = (
    ("x86_64-unknown-linux-gnu", {}, Linkage.DYNAMIC),
    ("x86_64-unknown-linux-musl", {}, Linkage.STATIC),
    ("x86_64-unknown-linux-musl", {"RUSTFLAGS": "-C target-feature=-crt-static"}, Linkage.UNKNOWN),
    ("x86_64-unknown-linux-gnu", {"RUSTFLAGS": "-C target-cpu=native --cfg tokio_unstable"}, Linkage.DYNAMIC),
    ("x86_64-unknown-linux-gnu", {"RUSTFLAGS": "-Cprefer-dynamic"}, Linkage.UNKNOWN),
    ("x86_64-unknown-linux-gnu", {"RUSTFLAGS": "-lfoo"}, Linkage.UNKNOWN),
    ("wasm32-wasi", {}, Linkage.UNKNOWN),
)
DEPENDS = (
    ('serde = "1"', ()),
    ('reqwest = "0.12"', ("libssl.so.3", "libcrypto.so.3")),
    ('reqwest = { version = "0.12", default-features = false, features = ["rustls-tls"] }', ()),
    ('rdkafka = "0.36"', None),
    ('sqlx = { version = "0.8", features = ["sqlite-unbundled"] }', None),
)
LOCKED = (
    ("serde", "", ()),
    ("libz-sys", '"pkg-config"', ("libz.so.1",)),
    ("bzip2-sys", '"pkg-config"', ()),
    ("libsqlite3-sys", '"cc", "pkg-config"', ()),
    ("libsqlite3-sys", '"pkg-config"', None),
    ("hidapi", '"pkg-config"', None),
    ("pq-sys", "", None),
)


@pytest.mark.parametrize(("command", "env", "folder"), WRITTEN)
def test_a_command_writes_below_this_folder(command: str, env: dict[str, str], folder: str) -> None:
    read = read_cargo(tuple(command.split()), "/app")
    assert read is not None
    assert folders_written(read, env, ("/app",)) == (folder,)


@pytest.mark.parametrize("command", ["cargo run", "cargo chef cook --release", "go build", "cargo"])
def test_other_commands_write_no_program(command: str) -> None:
    assert read_cargo(tuple(command.split()), "/app") is None


@pytest.mark.parametrize(("triple", "env", "expected"), LINKED)
def test_a_target_is_linked_so(triple: str, env: dict[str, str], expected: Linkage) -> None:
    assert linkage(triple, env)[0] is expected


@pytest.mark.parametrize(("line", "expected"), DEPENDS)
def test_a_manifest_alone_says_which_libraries(line: str, expected: tuple[str, ...] | None, tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").write_text(f'[package]\nname = "app"\n\n[dependencies]\n{line}\n')
    project = read_project(Context.open(tmp_path), "")
    assert project is not None
    assert libraries_by_manifest(project) == expected


@pytest.mark.parametrize(("crate", "needs", "expected"), LOCKED)
def test_a_lock_file_says_which_libraries(
    crate: str, needs: str, expected: tuple[str, ...] | None, tmp_path: Path
) -> None:
    (tmp_path / "Cargo.toml").write_text('[package]\nname = "app"\n')
    (tmp_path / "Cargo.lock").write_text(
        f'[[package]]\nname = "{crate}"\nsource = "registry"\ndependencies = [{needs}]\n'
    )
    project = read_project(Context.open(tmp_path), "")
    assert project is not None
    assert libraries_by_lock(project, {}) == expected
