"""One purchase at a time: what it is made from, how it is bought, followed and saved, and the journal of this machine.

``content`` (what the journal keeps of a request) -> ``fetching`` (what a video that cannot be fetched means) ->
``advance`` (the steps) -> ``purchases`` (the purchases of this machine, for the studio, agents' tools and the command
line), whose journal is at home in ``place``. A batch takes the same steps with a journal of its own.
"""
