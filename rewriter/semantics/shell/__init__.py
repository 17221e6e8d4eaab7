"""Shell scripts: what they run, as far as that can be told without running them."""

from rewriter.semantics.shell.called import Called, Programs, interpreter, programs
from rewriter.semantics.shell.command import Redirection, SimpleCommand, Word
from rewriter.semantics.shell.entry import Inlined, NotInlined, inline
from rewriter.semantics.shell.grammar import read
from rewriter.semantics.shell.prefixes import Unwrapped, unwrapped
from rewriter.semantics.shell.single import NotSimple, Simple, meant_as_json, simple, split
from rewriter.semantics.shell.tree import CannotTell, Script
from rewriter.semantics.shell.walk import commands, commands_of, is_bash

__all__ = [
    "Called",
    "CannotTell",
    "Inlined",
    "NotInlined",
    "NotSimple",
    "Programs",
    "Redirection",
    "Script",
    "Simple",
    "SimpleCommand",
    "Unwrapped",
    "Word",
    "commands",
    "commands_of",
    "inline",
    "interpreter",
    "is_bash",
    "meant_as_json",
    "programs",
    "read",
    "simple",
    "split",
    "unwrapped",
]
