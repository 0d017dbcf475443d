"""What Stripe sends by webhook: recorded before it acts, applied once, with the same result in any order.

Decisions
- No call to Stripe from the handler: an event must be answered in a second, and its retry is Stripe's own.
- Events are folded into a `StripeProfile` by operations that commute and may repeat, so order cannot
  matter.
- A customer is somebody's once an event names the tenant (`client_reference_id`, or `tenant` in the metadata). What
  came before that waits, and is applied in the same transaction that learns it.
- The webhook opens no account: a tenant without one may be a typo. The customer is mapped, its events wait,
  an alarm is raised, and the tenant's first call (`billing.service.provision`) opens the account and applies them.
- A customer that is somebody else's, a price that is in no plan: recorded and flagged, never guessed. Each flagged
  event counts in the metric `StripeEventsFlagged`, and is tried again when Stripe sends it again.
"""
