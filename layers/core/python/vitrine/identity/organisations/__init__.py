"""Organisations with sites, people and devices: who they are, and the tokens that they call with."""
