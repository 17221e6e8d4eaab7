"""What the engine would run: stages, configurations, commands. Touches neither text nor files."""
