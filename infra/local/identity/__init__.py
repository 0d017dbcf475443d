"""The OpenID provider of a local deployment: its keys, its server, and a client that signs in without a browser."""
