"""Commands of `vitrine` for whoever runs an environment, on this machine or on AWS (`--environment`)."""
