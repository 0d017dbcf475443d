"""Cars of our own meshes and pictures of them in full turns: see README.md."""
