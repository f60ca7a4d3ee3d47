"""A schema drafted from a saved page: what page and curl prove, and questions where they do not.

    places (where each field travels) -> fields (what each may be) -> schema -> writing (YAML with the page beside it)

A draft never guesses. What has several candidates, or none, is written under ``open``, and the checker refuses to
generate from it until a person has decided.
"""
