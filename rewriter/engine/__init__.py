"""A real container engine: build, run, observe, compare. Around the pipeline, never inside it."""
