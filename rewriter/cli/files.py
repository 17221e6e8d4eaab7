"""The user's files: read to the byte, and replaced whole or not at all.

A file is read once; the replacement is written beside it under another name, given the old one's mode, owner and
attributes, and moved into its place. Whatever interrupts that, the old file or the new one is there, never a part.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path

from rewriter.cli.faults import FileError
from rewriter.record import record

# Far above any Dockerfile (the longest ones known are some 100 kB), far below what would take long.
LARGEST = 2 * 1024 * 1024
# What git records of a mode: executable or not.
_PLAIN, _EXECUTABLE = 0o100644, 0o100755


@record
class Original:
    """A file as it was read: its bytes, and its mode as git records one."""

    data: bytes
    mode: int


def read(path: str) -> Original:
    """Return the file's bytes; a link is followed to its file.

    Raises:
        FileError: it is missing, unreadable, no regular file, or larger than `LARGEST`.
    """
    try:
        status = os.stat(path)  # noqa: PTH116 (a path's spelling is kept as given)
        if not stat.S_ISREG(status.st_mode):
            raise _not_regular(path, status.st_mode)
        with open(path, "rb") as file:  # noqa: PTH123
            data = file.read(LARGEST + 1)
    except OSError as error:
        raise _unreadable(path, error) from error
    if len(data) > LARGEST:
        raise FileError(f"larger than {LARGEST // 1024 // 1024} MiB", "name a Dockerfile; this is something else")
    return Original(data, _EXECUTABLE if status.st_mode & stat.S_IXUSR else _PLAIN)


def check_text(data: bytes) -> None:
    """Check that the bytes can be a Dockerfile at all; any encoding that has ASCII in it will do.

    Raises:
        FileError: there is a NUL byte.
    """
    at = data.find(b"\0")
    if at < 0:
        return
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise FileError("encoded as UTF-16, which no builder reads", "save it as UTF-8")
    raise FileError(f"not a text file: byte {at} is NUL", "name a Dockerfile; this is something else")


def replace(path: str, before: bytes, after: bytes) -> str | None:
    """Replace the file's content, and return a warning where the file had another name that keeps the old text.

    A link is followed: its target is replaced and the link stays. A file with several hard links loses them, since
    only a new file can take a name at once; the old text stays under the other names.

    Raises:
        FileError: the file is not as it was read, or it or its folder cannot be written. Nothing has changed then.
    """
    target = Path(os.path.realpath(path))
    try:
        if target.read_bytes() != before:
            raise FileError("changed since it was read; nothing was written", "run the command again")
        status = target.stat()
        _check_writable(target)
        _move_into_place(after, target, status)
    except OSError as error:
        raise _unwritable(target, error) from error
    if status.st_nlink > 1:
        return f"had {status.st_nlink} hard links; the other names keep the old text"
    return None


def save(path: str, data: bytes) -> None:
    """Write a report to a file: a regular or new one whole or not at all, a device or pipe as it comes.

    Raises:
        FileError: it cannot be written; a file that was there before is then as it was.
    """
    target = Path(os.path.realpath(path))
    try:
        status = target.stat() if target.exists() else None
        if status is None or stat.S_ISREG(status.st_mode):
            _move_into_place(data, target, status)
            return
        with target.open("wb") as file:
            file.write(data)
    except BrokenPipeError:
        raise
    except OSError as error:
        raise FileError(f"cannot be written: {_reason(error)}", "name another file") from error


def _not_regular(path: str, mode: int) -> FileError:
    if stat.S_ISDIR(mode):
        return FileError("a folder, where a file is needed", f"pass {path} as a PATH to search it")
    kinds = {stat.S_IFIFO: "a pipe", stat.S_IFSOCK: "a socket", stat.S_IFCHR: "a device", stat.S_IFBLK: "a device"}
    return FileError(
        f"{kinds.get(stat.S_IFMT(mode), 'no file')}, not a regular file", "pass `-` to read standard input"
    )


def _unreadable(path: str, error: OSError) -> FileError:
    if Path(path).is_symlink() and isinstance(error, FileNotFoundError):
        target = Path(path).readlink()
        return FileError(f"a link to {target}, which does not exist", "restore its target or remove the link")
    if isinstance(error, FileNotFoundError):
        return FileError("no such file or folder", "check the spelling; paths are relative to the current folder")
    if isinstance(error, PermissionError):
        return FileError("cannot be read: permission denied", "give yourself read permission")
    return FileError(f"cannot be read: {_reason(error)}", "check the path")


def _unwritable(target: Path, error: OSError) -> FileError:
    return FileError(
        f"cannot be written: {_reason(error)} (in {target.parent.name or target.parent}); nothing was changed",
        "make the file and its folder writable, or save the change elsewhere with --patch FILE",
    )


def _reason(error: OSError) -> str:
    return (error.strerror or str(error)).lower()


def _check_writable(target: Path) -> None:
    """Opening for writing asks the system itself; a read-only file in a writable folder could be replaced otherwise.

    Raises:
        OSError: the file may not be written.
    """
    os.close(os.open(target, os.O_WRONLY))


def _move_into_place(data: bytes, target: Path, status: os.stat_result | None) -> None:
    """Write a new file beside the target and give it the target's name.

    Raises:
        OSError: some step of it failed; the new file is gone and the target untouched.
    """
    import tempfile  # noqa: PLC0415 (loads the random number generators, which a dry run never needs)

    number, name = tempfile.mkstemp(prefix=f".{target.name[:40]}.", suffix=".tmp", dir=target.parent)
    new = Path(name)
    try:
        with os.fdopen(number, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(number)
        if status is None:
            new.chmod(0o666 & ~_umask())
        else:
            _take_over(target, status, new)
        new.replace(target)
    except BaseException:
        new.unlink(missing_ok=True)
        raise


def _take_over(target: Path, status: os.stat_result, new: Path) -> None:
    """Give the new file the old one's owner, mode, flags and extended attributes, but not its times.

    Raises:
        OSError: the owner cannot be kept.
    """
    import shutil  # noqa: PLC0415

    made = new.stat()
    if (made.st_uid, made.st_gid) != (status.st_uid, status.st_gid):
        os.chown(new, status.st_uid, status.st_gid)
    shutil.copystat(target, new)
    os.utime(new)


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
