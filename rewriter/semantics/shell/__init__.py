"""Shell scripts: what they run, as far as that can be told without running them."""

from rewriter.semantics.shell.command import Redirection, SimpleCommand, Word
from rewriter.semantics.shell.grammar import read
from rewriter.semantics.shell.single import NotSimple, Simple, meant_as_json, simple, split
from rewriter.semantics.shell.tree import CannotTell, Script
from rewriter.semantics.shell.walk import commands, commands_of

__all__ = [
    "CannotTell",
    "NotSimple",
    "Redirection",
    "Script",
    "Simple",
    "SimpleCommand",
    "Word",
    "commands",
    "commands_of",
    "meant_as_json",
    "read",
    "simple",
    "split",
]
