"""Who calls: tenants, users, and the credentials that name them."""
