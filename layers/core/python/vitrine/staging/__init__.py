"""Rooms furnished: projects, the staging of an image, and what makes a result good enough to publish."""
