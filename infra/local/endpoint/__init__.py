"""The parts of the local endpoint host: its configuration, spool, container and deliveries."""
