from pydantic import BaseModel, ConfigDict


class Message(BaseModel):
    """A message that crosses a process boundary: immutable, and strict about fields it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class ObjectLocation(Message):
    """One S3 object."""

    bucket: str
    key: str

    @property
    def uri(self) -> str:
        return f"s3://{self.bucket}/{self.key}"
