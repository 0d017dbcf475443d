"""A mail to an account's own address, as contexts word it and `engagement.mail` sends it."""

from pydantic import Field

from vitrine.contracts.message import Message


class Mail(Message):
    """Plain text. `event_id` is that of the announcement: an event is mailed once."""

    tenant: str
    event_id: str
    to: str = Field(repr=False)
    subject: str
    text: str
