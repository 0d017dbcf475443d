"""Uploads: promised by a presigned URL, inspected when they arrive, accepted or rejected once.

Only `inspection`, `originals` and `intake` need the imaging layer; everything else runs in an API Lambda.
"""
