"""How fast the package is beside others that do the same: ``python -m benchmarks``."""
