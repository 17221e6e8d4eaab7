"""The grammar of a shell script: a small recursive descent, one function for each production.

It follows POSIX's shell grammar (section 2.10) with bash's additions, and never goes back over what it has read
but to look whether `((` ends in `))`.
"""

from __future__ import annotations

import re

from rewriter.semantics.shell.reader import Found, Reader, UnreadableError, blanks, linebreaks, newline
from rewriter.semantics.shell.tree import (
    Arm,
    Assignment,
    Block,
    Calculation,
    Call,
    CannotTell,
    Case,
    Command,
    For,
    Function,
    Group,
    If,
    Pipeline,
    Redirect,
    Redirects,
    Script,
    Statement,
    Subshell,
    Test,
    Text,
    While,
    Word,
)
from rewriter.semantics.shell.words import METACHARACTERS, array, await_heredoc, body_parts, calculation, word

_RESERVED = re.compile(
    r"(?:if|then|elif|else|fi|for|select|while|until|do|done|case|esac|function|\[\[|[{}!])(?=[ \t\n;&|()<>]|\\\n|\Z)"
)
_CLOSERS = frozenset(("then", "elif", "else", "fi", "do", "done", "esac", "}"))
_REDIRECT = re.compile(r"([0-9]*|\{[A-Za-z_][A-Za-z0-9_]*\})(<<<|<<-|<<|<&|<>|>>|>&|>\||&>>|&>|<|>)")
_ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\[[^]\s;&|<>()]*\])?(\+?=)")


def read(script: str) -> Script | CannotTell:
    """Return the script as a tree, or why it is none. Takes time in proportion to the length of the text."""
    reader = Reader(script, _block, body_parts, Found())
    try:
        body = _block(reader)
        if not reader.ended:
            raise reader.fail(f"unexpected {_next_token(reader)!r}")
    except UnreadableError as error:
        why = "carriage return at the end of a line" if "\r\n" in script else error.why
        return CannotTell(why, error.line)
    return Script(body, tuple(reader.found.comments), tuple(reader.found.heredocs))


def _block(reader: Reader) -> Block:
    """`[newlines] statement {(";" | "&" | newline) [newlines] statement}`."""
    statements = []
    linebreaks(reader)
    while not reader.ended and not _closing(reader):
        statements.append(_statement(reader))
        linebreaks(reader)
    return tuple(statements)


def _closing(reader: Reader) -> bool:
    return reader.looking_at(")") or reader.looking_at(";;") or reader.looking_at(";&") or _reserved(reader) in _CLOSERS


def _reserved(reader: Reader) -> str:
    found = _RESERVED.match(reader.text, reader.position)
    return found[0] if found else ""


def _next_token(reader: Reader) -> str:
    return _reserved(reader) or reader.character()


def _statement(reader: Reader) -> Statement:
    """`pipeline {("&&" | "||") [newlines] pipeline} [";" | "&" | newline]`."""
    line = reader.line()
    pipelines, joins = [_pipeline(reader)], []
    while joined := next((join for join in ("&&", "||") if reader.take(join)), ""):
        joins.append(joined)
        linebreaks(reader)
        pipelines.append(_pipeline(reader))
    return Statement(tuple(pipelines), tuple(joins), _end_of_statement(reader), line)


def _end_of_statement(reader: Reader) -> bool:
    """Read what ends a statement and say whether it sends it to the background."""
    if reader.ended or _closing(reader) or newline(reader):
        return False
    if reader.take("&"):
        return True
    if not reader.take(";"):
        raise reader.fail(f"unexpected {_next_token(reader)!r}")
    return False


def _pipeline(reader: Reader) -> Pipeline:
    """`{"!"} command {("|" | "|&") [newlines] command}`."""
    negated = False
    while _reserved(reader) == "!":
        reader.take("!")
        negated = not negated
        blanks(reader)
    commands = [_command(reader)]
    while not reader.looking_at("||") and reader.take("|"):
        reader.take("&")
        linebreaks(reader)
        commands.append(_command(reader))
    return Pipeline(tuple(commands), negated)


def _command(reader: Reader) -> Command:
    """A compound command with its redirections, a function, or a simple command; then blanks."""
    reserved = _reserved(reader)
    if not reserved and not reader.looking_at("("):
        return _call(reader)
    reader.enter()
    command = _compound(reader, reserved)
    reader.leave()
    return command


def _compound(reader: Reader, reserved: str) -> Command:
    reader.take(reserved)
    match reserved:
        case "if":
            return _if(reader)
        case "while" | "until":
            return _while(reader)
        case "for" | "select":
            return _for(reader)
        case "case":
            return _case(reader)
        case "function":
            return _function(reader)
        case "[[":
            return _test(reader)
        case "{":
            return Group(_until(reader, "}"), _redirects(reader))
        case "":
            return _parenthesis(reader)
        case _:
            raise reader.fail(f"unexpected {reserved!r}")


def _parenthesis(reader: Reader) -> Command:
    if reader.take("(("):
        parts = calculation(reader)
        if parts is not None:
            return Calculation(parts, _redirects(reader))
        reader.position -= 2
    reader.take("(")
    body = _block(reader)
    _expect(reader, ")")
    return Subshell(body, _redirects(reader))


def _until(reader: Reader, closer: str) -> Block:
    body = _block(reader)
    _expect(reader, closer)
    return body


def _expect(reader: Reader, wanted: str) -> None:
    matches = reader.looking_at(wanted) if wanted == ")" else _reserved(reader) == wanted
    if not matches:
        raise reader.fail(f"missing {wanted!r}" if reader.ended else f"unexpected {_next_token(reader)!r}")
    reader.take(wanted)


def _if(reader: Reader) -> If:
    """`if block then block {elif block then block} [else block] fi`."""
    branches = [_branch(reader)]
    otherwise: Block = ()
    while _reserved(reader) == "elif":
        reader.take("elif")
        branches.append(_branch(reader))
    if _reserved(reader) == "else":
        reader.take("else")
        otherwise = _block(reader)
    _expect(reader, "fi")
    return If(tuple(branches), otherwise, _redirects(reader))


def _branch(reader: Reader) -> tuple[Block, Block]:
    condition = _until(reader, "then")
    return condition, _block(reader)


def _while(reader: Reader) -> While:
    """`while block do block done`."""
    condition = _until(reader, "do")
    return While(condition, _until(reader, "done"), _redirects(reader))


def _for(reader: Reader) -> For:
    """`for name [in words] do block done`, or bash's `for ((...))`."""
    blanks(reader)
    if reader.take("(("):
        if calculation(reader) is None:
            raise reader.fail("unbalanced parenthesis")
        return For("", None, _loop_body(reader), _redirects(reader))
    variable = word(reader).raw
    linebreaks(reader)
    words = _listed(reader) if reader.looking_at("in") and reader.character(2) in METACHARACTERS else None
    return For(variable, words, _loop_body(reader), _redirects(reader))


def _listed(reader: Reader) -> tuple[Word, ...]:
    reader.take("in")
    blanks(reader)
    words = []
    while not reader.ended and reader.character() not in "\n;&|()<>":
        words.append(word(reader))
        blanks(reader)
    return tuple(words)


def _loop_body(reader: Reader) -> Block:
    blanks(reader)
    reader.take(";")
    linebreaks(reader)
    closer = "done"
    if _reserved(reader) == "{":
        reader.take("{")
        closer = "}"
    else:
        _expect(reader, "do")
    return _until(reader, closer)


def _case(reader: Reader) -> Case:
    """`case word in {["("] pattern {"|" pattern} ")" block [";;"]} esac`."""
    blanks(reader)
    subject = word(reader)
    linebreaks(reader)
    if not reader.take("in"):
        raise reader.fail("missing 'in'")
    arms = []
    linebreaks(reader)
    while not reader.ended and _reserved(reader) != "esac":
        arms.append(_arm(reader))
        linebreaks(reader)
    _expect(reader, "esac")
    return Case(subject, tuple(arms), _redirects(reader))


def _arm(reader: Reader) -> Arm:
    reader.take("(")
    patterns = []
    while True:
        blanks(reader)
        patterns.append(_needed_word(reader))
        blanks(reader)
        if not reader.take("|"):
            break
    _expect(reader, ")")
    body = _block(reader)
    if not any(reader.take(end) for end in (";;&", ";;", ";&")) and _reserved(reader) != "esac":
        raise reader.fail("missing ';;'" if reader.ended else f"unexpected {_next_token(reader)!r}")
    return Arm(tuple(patterns), body)


def _function(reader: Reader) -> Function:
    """`function name [()] command`, the form without POSIX."""
    blanks(reader)
    name = _needed_word(reader).raw
    blanks(reader)
    if reader.take("("):
        blanks(reader)
        _expect(reader, ")")
    return _defined(reader, name)


def _defined(reader: Reader, name: str) -> Function:
    linebreaks(reader)
    return Function(name, _command(reader))


def _test(reader: Reader) -> Test:
    """`[[ ... ]]`: its words; operators and parentheses only separate them."""
    words: list[Word] = []
    linebreaks(reader)
    while not reader.ended:
        if reader.character() in ";&|()<>":
            reader.position += 1
        elif (one := word(reader)).raw == "]]":
            return Test(tuple(words), _redirects(reader))
        else:
            words.append(one)
        linebreaks(reader)
    raise reader.fail("missing ']]'")


def _needed_word(reader: Reader) -> Word:
    if reader.ended or reader.character() in METACHARACTERS:
        raise reader.fail(f"unexpected {reader.character()!r}" if not reader.ended else "unexpected end")
    return word(reader)


def _redirects(reader: Reader) -> Redirects:
    redirects = []
    blanks(reader)
    while (found := _REDIRECT.match(reader.text, reader.position)) and not reader.text.startswith("(", found.end()):
        redirects.append(_redirect(reader, found))
        blanks(reader)
    return tuple(redirects)


def _redirect(reader: Reader, found: re.Match[str]) -> Redirect:
    fd, operator = found.groups()
    reader.position = found.end()
    blanks(reader)
    if not _starts_word(reader):
        raise reader.fail("redirection without a target")
    if operator in ("<<", "<<-"):
        delimiter, index = await_heredoc(reader, strip=operator == "<<-")
        return Redirect(fd, operator, delimiter, index)
    return Redirect(fd, operator, word(reader))


def _starts_word(reader: Reader) -> bool:
    if reader.character() in ("<", ">"):
        return reader.character(1) == "("
    return not reader.ended and reader.character() not in METACHARACTERS


def _call(reader: Reader) -> Command:
    """`{assignment | redirection} {word | redirection}`, or `name "()" command`."""
    line = reader.line()
    assignments: list[Assignment] = []
    words: list[Word] = []
    redirects: list[Redirect] = []
    blanks(reader)
    while True:
        if more := _redirects(reader):
            redirects += more
        elif not _starts_word(reader):
            break
        elif not words and (assignment := _assignment(reader)):
            assignments.append(assignment)
        else:
            words.append(_argument(reader))
        blanks(reader)
    if words and "\\\n" in words[0].raw and _RESERVED.fullmatch(words[0].raw.replace("\\\n", "")):
        raise reader.fail("line continuation in a reserved word")
    if reader.looking_at("(") and len(words) == 1 and not (assignments or redirects):
        return _named_function(reader, words[0])
    if not (assignments or words or redirects):
        raise reader.fail(f"unexpected {reader.character()!r}" if not reader.ended else "unexpected end")
    return Call(tuple(assignments), tuple(words), tuple(redirects), line)


def _named_function(reader: Reader, name: Word) -> Function:
    reader.take("(")
    blanks(reader)
    _expect(reader, ")")
    reader.enter()
    function = _defined(reader, name.raw)
    reader.leave()
    return function


def _assignment(reader: Reader) -> Assignment | None:
    found = _ASSIGNMENT.match(reader.text, reader.position)
    if not found:
        return None
    name, subscript, operator = found.groups()
    reader.position = found.end()
    value = _value(reader)
    return Assignment(name, value, append=operator == "+=", subscript=subscript is not None)


def _value(reader: Reader) -> Word:
    start, line = reader.position, reader.line()
    if reader.take("("):
        parts = (array(reader),)
        return Word(parts, reader.text[start : reader.position], line)
    return word(reader)


def _argument(reader: Reader) -> Word:
    """A word; `declare -a NAME=(a b)` has an array in it."""
    one = word(reader)
    if not reader.looking_at("(") or not _ASSIGNMENT.fullmatch(one.raw):
        return one
    value = _value(reader)
    return Word((Text(one.raw, quoted=False), *value.parts), one.raw + value.raw, one.line)
