"""A session's frames as a set: when they are judged, by what, and what becomes of the verdict.

Only `reports` and `verdict` need the imaging layer.
"""
