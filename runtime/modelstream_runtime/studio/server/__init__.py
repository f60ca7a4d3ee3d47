"""The local server of the studio. It can spend money, so it answers only the page that it served itself.

``gate`` lets nobody else in, ``application`` has the addresses, ``serving`` listens on loopback.
"""
