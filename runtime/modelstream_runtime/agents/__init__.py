"""Tools for language models: what they may call, how each host wants it described, and what a call does.

`tools` has the tools as data, `arguments` reads what a model sends, `models` describes the models to it.
"""
