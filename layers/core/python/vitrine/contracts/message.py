from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """A message that crosses a process boundary: immutable, and strict about fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid", hide_input_in_errors=True)


class ObjectLocation(Message):
    """One S3 object; with `etag`, only while it still has that content."""

    bucket: str
    key: str
    etag: str | None = None

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"
