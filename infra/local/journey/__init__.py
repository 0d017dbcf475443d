"""A client's journey over HTTP: from a photo on disk to its staged picture. It knows the contract, nothing of us."""
