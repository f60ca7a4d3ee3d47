"""A mock gateway: it rejects what the real one rejects, costs nothing, and makes one small video."""
