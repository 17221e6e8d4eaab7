"""These tests need a browser and node's packages, which `run` installs; without it they are not collected."""

from __future__ import annotations

import os

collect_ignore_glob = [] if "DFMOD_REVIEW_TESTS" in os.environ else ["test_*.py"]
