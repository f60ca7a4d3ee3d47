"""What moved on a documentation page since somebody last compared it with its schema: ``python -m generator drift``.

`kinds` is the table of all moves and their severities. `moves` compares the record of a page (``page.yaml``) with the
page as it is now; `untrue` finds what the schema now says wrongly, and what the page has come to state.
"""
