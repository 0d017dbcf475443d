"""What happened to frames, sessions and sets: written with the change, told on the bus, announced to webhooks."""
