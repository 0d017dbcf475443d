"""What cameras and people tell of their own: events of a session, an image or a device, each once and in order."""
