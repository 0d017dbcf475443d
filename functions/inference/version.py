"""The version of this image's engine and judge, which every result names."""

VERSION = "0.3.0"
"""Raised whenever the same photo and seed would give other pictures or scores."""
