"""Batches: a list of requests becomes a folder of videos, through crashes and restarts, and nothing is bought twice.

``jobs`` -> ``drafts`` (what people write, and its files) -> the journal (`modelstream_runtime.journal`) -> ``advance``
of `modelstream_runtime.purchases` (one step of one purchase, which anybody may call at any time) -> ``run`` (one
process that advances them all) -> ``results``. `Batch` is what users call.
"""
