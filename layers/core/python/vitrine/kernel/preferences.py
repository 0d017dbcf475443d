"""The request header `Prefer` (RFC 7240)."""


def wait_s(prefer: str | None, most: int) -> int:
    """The seconds that `wait` asks for, at most `most`; 0 when it is absent or says nothing usable.

    A preference is no demand: what cannot be read is passed over (RFC 7240 section 2). The first of several counts.
    """
    for preference in (prefer or "").split(","):
        name, _, value = preference.partition(";")[0].partition("=")
        if name.strip().lower() == "wait":
            seconds = value.strip().strip('"')
            return min(int(seconds), most) if seconds.isdecimal() and len(seconds) < 10 else 0
    return 0
