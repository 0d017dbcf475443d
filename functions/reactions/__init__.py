"""One module per trigger: streams, the bus, topics, schedules. Each is idempotent, and dead letters are kept."""
