"""End-to-end tests: images are really built and really run, and what they do is looked at from outside."""
