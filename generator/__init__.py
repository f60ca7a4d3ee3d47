"""Turns the form schemas in ``schemas/`` into the typed client package in ``generated/``.

The stages, in the order in which they run; none of them reaches back:

    load -> check -> ir -> emit -> format -> plan
"""
