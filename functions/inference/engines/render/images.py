"""`decode` under its former name, by which the scripts in `../shared/cases` import it."""

from functions.inference.vision.images import decode

__all__ = ["decode"]
