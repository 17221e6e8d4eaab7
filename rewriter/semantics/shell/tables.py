"""Names that a shell knows itself, as dash 0.5.12, bash 5.2 and busybox 1.35 answer to `type NAME`."""

from __future__ import annotations

_DASH = (
    ". : [ alias bg break cd chdir command continue echo eval exec exit export false fg getopts hash jobs kill local "
    "printf pwd read readonly return set shift test times trap true type ulimit umask unalias unset wait"
)
_BASH = (
    "bind builtin caller compgen complete compopt declare dirs disown enable fc help history let logout mapfile popd "
    "pushd readarray shopt source suspend typeset"
)

BUILTINS = frozenset(f"{_DASH} {_BASH}".split())
"""Run by the shell itself in at least one of dash, bash and busybox sh."""

KEYWORDS = frozenset(("time", "function", "select", "coproc", "[["))
"""Words of the language in bash (some in busybox), ordinary command names in dash."""

OWN_VARIABLES = frozenset(("_", "UID", "EUID", "PPID", "OPTIND", "SHELLOPTS", "BASHOPTS", "BASH_VERSINFO"))
"""Variables whose assignment fails or is not passed on in some shell."""
