"""The drill: a whole network in memory, and every way known to break a chain in it, each beside its near miss."""
