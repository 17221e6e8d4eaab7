"""What a user can mend: a wrong command line, and a file that cannot be read or written."""

from __future__ import annotations


class UsageError(Exception):
    """A command line that asks for nothing sensible; the message says why."""


class FileError(Exception):
    """A file that cannot be read or written: what is wrong with it, and what to do about it."""

    def __init__(self, message: str, advice: str) -> None:
        super().__init__(f"{message}; {advice}")
        self.message = message
        self.advice = advice
