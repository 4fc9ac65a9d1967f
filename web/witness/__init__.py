"""The server of a witness: run by another authority, on a machine of its own; shares nothing with a site."""
