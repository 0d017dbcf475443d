"""Accounts that call with keys of ours: who they are, their API keys, and the tokens that a key may be changed for."""
