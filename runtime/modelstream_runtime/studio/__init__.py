"""The studio: every model's form, JSON and code on one page, made from the schemas."""
