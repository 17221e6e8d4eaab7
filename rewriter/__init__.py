"""Rewrites Dockerfiles so that the image ends distroless, with tini as PID 1 and the command split correctly."""

__version__ = "0.1.0"
