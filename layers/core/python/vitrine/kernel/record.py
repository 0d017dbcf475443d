from pydantic import BaseModel, BeforeValidator, ConfigDict


class Record(BaseModel):
    """An immutable value. What was wrong with one is never said with the value itself: it may be a token or a body."""

    model_config = ConfigDict(frozen=True, hide_input_in_errors=True)


def _without_fraction(number: object) -> object:
    return int(number) if isinstance(number, float) and number.is_integer() else number


WHOLE = BeforeValidator(_without_fraction)
"""After `Strict()` and the bounds of an int: JSON's integers, of which 1.0 is one (JSON Schema 2020-12, core 4.2.3)."""
