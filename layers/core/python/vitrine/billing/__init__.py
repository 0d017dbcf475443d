"""Money: accounts, plans, a double-entry ledger of credits, and what Stripe tells us of subscriptions."""
