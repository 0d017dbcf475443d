"""Sentences that count."""


def counted(count: int, one: str, many: str) -> str:
    """Such as "1 frame is" and "3 frames are"."""
    return f"{count} {one if count == 1 else many}"
