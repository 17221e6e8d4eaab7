"""An entry script of the build context: its text and what the kernel makes of its first line.

Only says what the file is; what its commands do is for the shell reader.
"""

from __future__ import annotations

from posixpath import basename

from rewriter.analysis.context import Context
from rewriter.analysis.evidence import Evidence
from rewriter.analysis.found import at_line
from rewriter.record import record

_LONGEST_SHEBANG = 255  # BINPRM_BUF_SIZE less one: what Linux reads of the line


@record
class ScriptFile:
    r"""A text file that is run.

    `interpreter` is the path after `#!` ("/usr/bin/env"), None without such a line; `arguments` what the kernel hands
    it before the file's name (one word at most, blanks and all). `program` is who reads the script in the end ("bash"
    for `#!/usr/bin/env bash`), `options` what it is given ("-e"). `carriage_return` says that the first line ends in
    CR LF, so that the kernel looks for "/bin/sh\r"; `carriage_returns` that some line does. A byte-order mark hides
    the `#!` from the kernel.
    """

    path: str
    text: str
    interpreter: str | None
    arguments: tuple[str, ...]
    program: str | None
    options: tuple[str, ...]
    carriage_return: bool
    carriage_returns: bool
    byte_order_mark: bool
    executable: bool
    evidence: Evidence


def read_script(context: Context, path: str) -> ScriptFile | None:
    """Return the script at a path of the context; None where there is no readable text file."""
    data = context.read(path)
    if data is None or b"\0" in data:
        return None
    byte_order_mark = data.startswith(b"\xef\xbb\xbf")
    text = data.decode("utf-8-sig", "replace")
    first = text.partition("\n")[0]
    interpreter, arguments = (None, ()) if byte_order_mark else shebang(first)
    program, options = _reader(interpreter, arguments)
    return ScriptFile(
        path=path,
        text=text,
        interpreter=interpreter,
        arguments=arguments,
        program=program,
        options=options,
        carriage_return=first.endswith("\r"),
        carriage_returns="\r\n" in text,
        byte_order_mark=byte_order_mark,
        executable=context.is_executable(path),
        evidence=at_line(path, [first], 1),
    )


def shebang(line: str) -> tuple[str | None, tuple[str, ...]]:
    """Return interpreter and argument of a first line as Linux splits it (`fs/binfmt_script.c`), a final CR taken off.

    Everything after the interpreter is one argument: `#!/bin/sh -e -u` hands over "-e -u".
    """
    if not line.startswith("#!"):
        return None, ()
    interpreter, _, rest = line[2:_LONGEST_SHEBANG].strip(" \t\r").replace("\t", " ").partition(" ")
    return interpreter or None, (rest.strip(),) if rest.strip() else ()


def _reader(interpreter: str | None, arguments: tuple[str, ...]) -> tuple[str | None, tuple[str, ...]]:
    """Look through `env`, its `-S` and its assignments, for the program that reads the script."""
    if interpreter is None:
        return None, ()
    words = tuple(word for argument in arguments for word in argument.split())
    if basename(interpreter) != "env":
        return basename(interpreter), words
    rest = list(words)
    while rest and (rest[0].startswith("-") or "=" in rest[0]):
        option = rest.pop(0)
        if option.startswith("-S") and len(option) > 2:
            rest.insert(0, option[2:])
    return (basename(rest[0]), tuple(rest[1:])) if rest else (None, ())
