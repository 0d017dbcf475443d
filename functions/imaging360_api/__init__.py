"""The imaging360 surface: one module per context is one Lambda. Routes take, do one thing, and give."""
