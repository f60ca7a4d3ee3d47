"""The pages about the models: what a schema says, for people who choose a model and write a request.

`markdown` makes texts safe, `rules` words a rule, `fields` the facts about a field, `requests` shows a request in four
languages, and `model_page` puts a page together. The layout is in ``templates/docs/models/``.
"""

from generator.emit.pages.model_page import ModelPage

__all__ = ["ModelPage"]
