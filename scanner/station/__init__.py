"""A desk with a reader: where texts come from, what a camera shows, what sounds, and what waits to be sent.

Nothing here signs and nothing here knows the service: `web/station` hands in what does.
"""
