"""What a tenant may ask for under data protection law: a copy of everything, and erasure (GDPR, articles 15, 17, 20).

It knows no other context's items. What belongs to a tenant is known by its key or its attribute `tenant`, whichever
context wrote it, so that nothing is forgotten when a context learns something new.
"""
