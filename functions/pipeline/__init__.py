"""One module per state of the state machines. A module's errors are named after what the machine retries."""
