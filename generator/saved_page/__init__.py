"""A documentation page that somebody saved as text, Markdown or HTML, as facts.

    text -> layout (attributes, options, prose, curl) -> facts -> record (page.yaml)

What the page leaves undecided stays undecided in the facts: a list of options without gaps, a limit in a sentence with
conditions. Nothing here knows schemas. ``generator.draft`` writes a schema from the facts, ``generator.check.page``
holds a schema to them.
"""
