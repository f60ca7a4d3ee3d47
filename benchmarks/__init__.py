"""Measures the package beside others that do the same job: ``python -m benchmarks``."""
