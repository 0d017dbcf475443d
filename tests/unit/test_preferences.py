import pytest

from vitrine.kernel.preferences import wait_s


@pytest.mark.parametrize(
    ("prefer", "seconds"),
    [
        (None, 0),
        ("", 0),
        ("wait=10", 10),
        ("Wait = 10", 10),
        ('wait="7"', 7),
        ("wait=90", 25),
        ("respond-async, wait=10", 10),
        ("wait=10; strict", 10),
        ("wait=3, wait=9", 3),
        ("wait", 0),
        ("wait=-1", 0),
        ("wait=soon", 0),
        ("wait=" + "9" * 5000, 0),
        ("await=10", 0),
    ],
)
def test_a_wait_is_what_was_asked_for_within_bounds(prefer: str | None, seconds: int) -> None:
    assert wait_s(prefer, most=25) == seconds
