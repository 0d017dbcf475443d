"""What may be wrong with a file. Whoever shows it to people has the words."""

from enum import StrEnum


class Fault(StrEnum):
    EMPTY = "empty_file"
    NOT_AN_IMAGE = "not_an_image"
    UNSUPPORTED = "unsupported_type"
    ANIMATED = "animated"
    TRUNCATED = "truncated"
    UNREADABLE = "unreadable"
    TOO_MANY_PIXELS = "too_many_pixels"
    TOO_SMALL = "too_small"


class BadPicture(Exception):
    """This file is no picture that we read; reading it again would not help.

    `found` is the media type of its bytes where that is known and not ours; `size` its width and height, if they are
    what is wrong.
    """

    def __init__(self, fault: Fault, *, found: str | None = None, size: tuple[int, int] | None = None) -> None:
        super().__init__(fault.value)
        self.fault = fault
        self.found = found
        self.size = size
