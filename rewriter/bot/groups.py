"""Which files go into one pull request."""

from __future__ import annotations

import posixpath
from collections.abc import Sequence

from rewriter.bot.settings import Group
from rewriter.report.result import Result

# Above this, one pull request cannot be reviewed any more.
MANY = 10


def group_results(results: Sequence[Result], group: Group) -> dict[str, tuple[Result, ...]]:
    """Return the results by what they are grouped by: "" for all, a folder, or a file. Paths are relative.

    "auto" is one pull request, and above `MANY` converted files one for each folder. There is always the group ""
    where all are in one, even without a result: a pull request may have to be withdrawn.
    """
    if group == "auto":
        converted = sum(result.status == "rewritten" for result in results)
        group = "directory" if converted > MANY else "repo"
    if group == "repo":
        return {"": tuple(results)}
    groups: dict[str, list[Result]] = {}
    for result in results:
        key = result.path if group == "file" else posixpath.dirname(result.path) or "."
        groups.setdefault(key, []).append(result)
    return {key: tuple(found) for key, found in sorted(groups.items())}
