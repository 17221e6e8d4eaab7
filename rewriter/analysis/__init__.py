"""What the program needs at run time, and how we know. Never chooses a target."""
