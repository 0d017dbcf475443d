import socket
from collections.abc import Iterator

import pytest

from infra.local import ports


@pytest.fixture
def taken() -> Iterator[int]:
    with socket.socket() as other:
        other.bind((ports.HOST, 0))
        other.listen()
        yield other.getsockname()[1]


def test_a_free_port_is_taken_as_wanted() -> None:
    preferred = ports.any_free()

    assert ports.choose({"emulator": preferred}, frozenset(), pytest.fail) == {"emulator": preferred}


def test_a_taken_port_is_named_and_another_chosen(taken: int) -> None:
    reported: list[str] = []

    chosen = ports.choose({"emulator": taken}, frozenset(), reported.append)

    assert chosen["emulator"] != taken
    assert ports.is_free(chosen["emulator"])
    assert len(reported) == 1
    assert str(taken) in reported[0]
    assert str(chosen["emulator"]) in reported[0]


def test_a_port_that_our_own_running_part_holds_stays(taken: int) -> None:
    assert ports.choose({"emulator": taken}, frozenset({"emulator"}), pytest.fail) == {"emulator": taken}
