"""Originals show plates, and whatever else a camera saw. Who opened one is written down before it is shown."""
