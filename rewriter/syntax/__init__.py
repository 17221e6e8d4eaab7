"""The text of a Dockerfile, to the byte.

Knows nothing about images and nothing about meaning; never raises on any input.
"""
