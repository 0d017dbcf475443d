"""Quality control of a vehicle's frames, from their pixels alone: of each frame, and of the set as a whole.

Three steps, each of which can run alone: `measure` one frame (the one decode), `relate` a set's measured frames, and
`judge` those numbers by thresholds, which decodes nothing. Knows OpenCV and `vitrine.pictures`, and nothing of AWS.
"""
