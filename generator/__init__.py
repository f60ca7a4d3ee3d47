"""Turns the form schemas in ``schemas/`` into the typed client package in ``generated/``.

The stages, in the order in which they run; none of them reaches back:

    load -> check -> ir -> emit -> format -> plan

``make`` runs them up to the last for one model at a time, side by side, and leaves out what the cache has from before.
"""
