"""Commands of `vitrine` that write committed files from the code."""
