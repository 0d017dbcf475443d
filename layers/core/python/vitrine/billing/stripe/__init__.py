"""What Stripe tells us by webhook: recorded before it acts, once, and right at the end whatever its order.

Decisions
- No call to Stripe from the handler: an event must be answered in a second, and its retry is Stripe's own.
- What is told is folded into a `StripeProfile` by operations that commute and may repeat, so order cannot
  matter.
- A customer is somebody's once an event names the tenant (`client_reference_id`, or `tenant` in the metadata). What
  came before that waits, and is applied in the same transaction that learns it.
- A tenant that has no account, a customer that is somebody else's, a price that is in no plan: recorded and flagged,
  never guessed. A flagged event that Stripe sends again is tried again.
"""
