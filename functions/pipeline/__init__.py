"""One module per state of the two state machines. A module's errors are named after what the machine retries."""
