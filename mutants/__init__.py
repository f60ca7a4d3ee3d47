"""Proof of the tests: each constraint of the schemas is broken once, and a test has to notice.

``nox -s mutmut`` does the same for the code of the money paths, with a tool that breaks it line by line.
"""
