"""Calls to places that customers name, against real receivers: what is dialled, trusted, followed and waited for."""

import socket
import threading
import time
from collections.abc import Sequence

import pytest

from tests.support.patience import PATIENCE_S, until
from tests.support.receiver import HOST, Says, certificates, receiving
from vitrine.kernel import addresses, outbound
from vitrine.kernel.addresses import Refused, Target

PUBLIC, OTHER = "93.184.216.34", "2606:4700:4700::1111"
TARGET = addresses.parse(f"https://{HOST}/hook?x=1")


class Network:
    """A resolver and a dialler: names lead where `answers` say, every dialled address to `port` of loopback."""

    def __init__(self, *answers: Sequence[str], port: int = 0, dead: Sequence[str] = ()) -> None:
        self.answers = list(answers)
        self.port = port
        self.dead = dead
        self.asked = 0
        self.dialled: list[tuple[str, int]] = []

    def resolve(self, host: str, port: int) -> Sequence[str]:
        assert (host, port) == (HOST, 443)
        self.asked += 1
        return self.answers[min(self.asked, len(self.answers)) - 1]

    def dial(self, address: str, port: int, timeout_s: float) -> socket.socket:
        self.dialled.append((address, port))
        if address in self.dead:
            raise ConnectionRefusedError
        return socket.create_connection(("127.0.0.1", self.port), timeout=timeout_s)

    def post(self, target: Target = TARGET, *, trust: bool = True, deadline_s: float = 5.0) -> outbound.Answered:
        context = certificates()[1] if trust else None
        return outbound.post(
            target,
            b"{}",
            {"X": "y"},
            resolver=self.resolve,
            dialler=self.dial,
            deadline_s=deadline_s,
            trust=context,
        )


def test_a_public_receiver_is_called_at_the_checked_address_under_its_own_name() -> None:
    with receiving(Says(204, body=b""), tls=certificates()[0]) as receiver:
        network = Network([PUBLIC], port=receiver.port)
        assert network.post().status == 204
    assert network.dialled == [(PUBLIC, 443)]
    (call,) = receiver.received
    assert (call.path, call.headers["host"], call.headers["x"], call.body) == ("/hook?x=1", HOST, "y", "{}")


def test_a_resolver_that_answers_otherwise_the_second_time_is_never_asked_twice() -> None:
    with receiving(tls=certificates()[0]) as receiver:
        network = Network([PUBLIC], ["169.254.169.254"], port=receiver.port)
        assert network.post().status == 200
    assert network.asked == 1
    assert network.dialled == [(PUBLIC, 443)]


@pytest.mark.parametrize(
    "answer", [["127.0.0.1"], ["169.254.169.254"], ["fd00:ec2::254"], ["::ffff:10.0.0.1"], [PUBLIC, "10.0.0.1"]]
)
def test_one_address_that_is_not_public_refuses_the_whole_host(answer: list[str]) -> None:
    network = Network(answer)
    with pytest.raises(Refused) as refused:
        network.post()
    assert refused.value.reason == "address"
    assert network.dialled == []


def test_the_next_address_is_dialled_when_the_first_does_not_answer() -> None:
    with receiving(tls=certificates()[0]) as receiver:
        network = Network([OTHER, PUBLIC], port=receiver.port, dead=[OTHER])
        assert network.post().status == 200
    assert [address for address, _ in network.dialled] == [OTHER, PUBLIC]


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_an_answer_and_is_not_followed(status: int) -> None:
    away = {"Location": "http://169.254.169.254/latest/meta-data/"}
    with receiving(Says(status, away), tls=certificates()[0]) as receiver:
        network = Network([PUBLIC], port=receiver.port)
        assert network.post().status == status
    assert len(receiver.received) == len(network.dialled) == 1


def test_a_certificate_for_another_name_is_not_taken() -> None:
    with receiving(tls=certificates("evil.example.org")[0]) as receiver:
        assert failure(Network([PUBLIC], port=receiver.port)) == "tls"
    assert receiver.received == []


def test_a_certificate_that_nobody_public_signed_is_not_taken() -> None:
    with receiving(tls=certificates()[0]) as receiver:
        network = Network([PUBLIC], port=receiver.port)
        with pytest.raises(outbound.CallFailed, match="tls"):
            network.post(trust=False)


def test_a_proxy_in_the_environment_is_not_used(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    with receiving(tls=certificates()[0]) as receiver:
        network = Network([PUBLIC], port=receiver.port)
        assert network.post().status == 200


def test_a_receiver_that_says_nothing_is_given_up_at_the_deadline() -> None:
    with receiving(Says(wait_s=PATIENCE_S), tls=certificates()[0]) as receiver:
        assert failure_within(1.0, Network([PUBLIC], port=receiver.port)) == "timeout"


def test_a_receiver_that_dribbles_its_answer_is_given_up_at_the_same_deadline() -> None:
    with receiving(Says(dribble_s=0.05), tls=certificates()[0]) as receiver:
        assert failure_within(1.0, Network([PUBLIC], port=receiver.port)) == "timeout"


def test_a_port_that_never_ends_its_handshake_is_given_up_at_the_deadline() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        assert failure_within(1.0, Network([PUBLIC], port=silent.getsockname()[1])) == "timeout"


def test_a_resolver_that_hangs_is_left_behind() -> None:
    released = threading.Event()

    class Slow(Network):
        def resolve(self, host: str, port: int) -> Sequence[str]:
            released.wait(PATIENCE_S)
            return [PUBLIC]

    assert failure_within(0.5, Slow()) == "timeout"
    released.set()


def test_a_large_answer_is_not_read() -> None:
    with receiving(Says(200, body=b"x" * 50_000_000), tls=certificates()[0]) as receiver:
        assert Network([PUBLIC], port=receiver.port).post().status == 200
        until(lambda: receiver.cut_off, what="the receiver to notice that nobody reads on")


def test_an_answer_that_is_not_http_is_a_bad_one() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        target = Target("127.0.0.1", server.getsockname()[1], "/", tls=False)

        def answer() -> None:
            talk, _ = server.accept()
            with talk:
                talk.recv(65_536)
                talk.sendall(b"SSH-2.0-OpenSSH_9.9\r\n\r\n")

        threading.Thread(target=answer, daemon=True).start()
        with pytest.raises(outbound.CallFailed, match="bad_answer"):
            outbound.post(target, b"{}", {})


def test_nobody_listening_and_no_such_name_are_told_apart() -> None:
    assert failure(Network([PUBLIC], dead=[PUBLIC])) == "unreachable"
    assert failure(Network([])) == "unresolvable"


def test_the_systems_resolver_gives_addresses_that_the_table_can_judge() -> None:
    assert "127.0.0.1" in outbound.resolve("localhost", 443)


def failure(network: Network, deadline_s: float = 5.0) -> str:
    with pytest.raises(outbound.CallFailed) as failed:
        network.post(deadline_s=deadline_s)
    return failed.value.reason


def failure_within(deadline_s: float, network: Network) -> str:
    started = time.monotonic()
    reason = failure(network, deadline_s)
    assert time.monotonic() - started < deadline_s + PATIENCE_S / 2
    return reason
