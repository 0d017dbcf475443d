"""What Stripe sends by webhook: recorded before it acts, applied once, with the same result in any order.

Decisions
- Who subscribes by our own checkout page (`checkout`) is named in it by us, in the metadata too, which nobody but the
  holder of our key can write. A reference that comes with a payment link can be any text: it can make somebody pay for
  another tenant, and nothing else.
- No call to Stripe from the webhook's handler: an event must be answered in a second, and its retry is Stripe's own.
- Events are folded into a `StripeProfile` by operations that commute and may repeat, so order cannot
  matter.
- A customer is somebody's once an event names the tenant (`client_reference_id`, or `tenant` in the metadata). What
  came before that waits, and is applied in the same transaction that learns it.
- The webhook opens no account: a tenant without one may be a typo. The customer is mapped, its events wait,
  an alarm is raised, and the tenant's first call (`billing.service.provision`) opens the account and applies them.
- Disputes and payments of invoices name no customer, only a charge, a payment intent or an invoice. An event that names
  one of these together with a customer tells whose they are; what came before that waits there, as for a customer.
- Credits follow the money (`crediting`). Each invoice's worth is kept with what is booked of it, and the difference is
  booked in the transaction that tells of it: however often and in whatever order a payment, its refunds and its
  disputes are told, what is in the ledger is what the money that stayed paid for.
- A refund takes credits back even when they are spent: the balance falls below zero and the next grants fill it up.
  Rejected: to take back only what is left, which makes the end depend on the order, and stage now, refund later free.
- A customer that is somebody else's, a price that is in no plan, money of an unknown invoice,
  an object that cannot be read: recorded and flagged, never guessed. Each flagged
  event counts in the metric `StripeEventsFlagged`, and is tried again when Stripe sends it again.
"""
