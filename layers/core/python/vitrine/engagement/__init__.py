"""Telling customers: webhooks, by the Standard Webhooks specification (standardwebhooks.com)."""
