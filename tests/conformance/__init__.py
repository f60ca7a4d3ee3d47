"""Do all surfaces say the same of a request? Cases are derived from the schemas, with the verdict known beforehand.

`cases` derives them, `surfaces` asks each surface, `exemptions` lists what a surface cannot say and why, and
`matrix` is the report that ``nox -s conformance`` writes.
"""
