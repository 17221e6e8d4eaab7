"""What an image is, and what is known about published ones. Knows nothing about Dockerfile text."""
