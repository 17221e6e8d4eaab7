"""One module per ecosystem, each ending in `RECIPE`; found by walking this package. Returns plans, never text."""
