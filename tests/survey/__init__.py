"""Counts of outcomes over a collection of real Dockerfiles, by language and reason."""
