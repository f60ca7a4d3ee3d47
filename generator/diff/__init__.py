"""What a change of the schemas does, and to whom: ``python -m generator diff OLD NEW``.

`kinds` is the table of all changes that there are, with whom each hits. `package`, `model`, `fields`, `rules` and
`gateway` compare two trees by tables of attributes; `witness` looks for a call that shows each change.
"""
