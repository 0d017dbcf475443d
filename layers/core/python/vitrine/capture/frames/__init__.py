"""What happens to a frame after its PUT: looked at in one decode, then recorded once.

Only `exposure`, `looking` and `intake` need the imaging layer.
"""
