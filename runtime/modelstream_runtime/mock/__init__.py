"""A gateway to try things on: it rejects what the real one rejects, costs nothing, and makes one small video."""
