"""Pull requests with conversions: git and forges around the conversion, never inside it.

`decide` is the whole behaviour as one pure function; `propose` observes, asks it and carries the answer out. There is
no data base: what the bot knows is in the branch, in the pull request, and in one hidden line of its body.
"""
