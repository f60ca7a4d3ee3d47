"""The hand-written half of the client: everything that does not follow from the schemas.

It knows no gateway and no model. The generated package hands it a `modelstream_runtime.catalog.Catalog`, which has the
facts about both.
"""
