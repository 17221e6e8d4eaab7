"""What the processes of a container look like from the host; the engine's own reader."""

from __future__ import annotations

from rewriter.engine.processes import SHELLS, Process, ancestors, main_process, processes_of

__all__ = ["SHELLS", "Process", "ancestors", "main_process", "processes_of"]
