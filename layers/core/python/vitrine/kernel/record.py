from pydantic import BaseModel, ConfigDict


class Record(BaseModel):
    """An immutable value. What was wrong with one is never said with the value itself: it may be a token or a body."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)
