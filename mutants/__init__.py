"""Proof of the tests: every constraint of the schemas, and a list of lines of the code, is broken once; who notices?"""
