"""Vehicles in front of cameras: sessions, frames, the verdict on a set, and what is published of it."""
