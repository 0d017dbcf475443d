"""Turns this repository and its lock file into the zips that Lambda runs, without Docker."""
