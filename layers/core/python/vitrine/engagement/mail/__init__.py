"""Mail to accounts: each event once, to the account's own address, by Amazon SES."""
