"""The image without Docker: its Dockerfile performed in a clean Debian tree, and its entry point tried there."""
