"""What an ELF file asks of the loader: the libraries it names, read from its dynamic section. 64 bit, little-endian."""

from __future__ import annotations

import struct

MAGIC = b"\x7fELF\x02\x01"
_LOAD, _DYNAMIC = 1, 2
_NEEDED, _STRTAB = 1, 5


def needed(data: bytes) -> tuple[str, ...]:
    """Return the names of the libraries an ELF file needs; none for a static one, another file, or a damaged one."""
    if not data.startswith(MAGIC):
        return ()
    try:
        return _needed(data)
    except (struct.error, ValueError):
        return ()


def _needed(data: bytes) -> tuple[str, ...]:
    table, size, count = *struct.unpack_from("<Q", data, 32), *struct.unpack_from("<HH", data, 54)
    headers = [struct.unpack_from("<IIQQQQ", data, table + size * row) for row in range(count)]
    loads = [(address, length, offset) for kind, _, offset, address, _, length in headers if kind == _LOAD]
    found: tuple[str, ...] = ()
    for kind, _, offset, _, _, length in headers:
        if kind == _DYNAMIC:
            entries = list(struct.iter_unpack("<QQ", data[offset : offset + length // 16 * 16]))
            strings = _offset(next(value for tag, value in entries if tag == _STRTAB), loads)
            found = tuple(_string(data, strings + value) for tag, value in entries if tag == _NEEDED)
    return found


def _offset(address: int, loads: list[tuple[int, int, int]]) -> int:
    """Return where in the file an address of the loaded program is.

    Raises:
        ValueError: nowhere.
    """
    for start, length, offset in loads:
        if start <= address < start + length:
            return address - start + offset
    raise ValueError("no segment holds the address")


def _string(data: bytes, offset: int) -> str:
    return data[offset : data.index(b"\0", offset)].decode(errors="replace")
