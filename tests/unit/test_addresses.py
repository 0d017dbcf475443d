"""Where customers may send us, by a table of every trick that is published.

Gathered from PayloadsAllTheThings (Server Side Request Forgery), Orange Tsai's "A New Era of SSRF" (2017), Cure53's
and WHATWG's notes on IPv4 spellings, the clouds' documents on their metadata services, and IANA's special-purpose
address registries. Verdicts are `allowed`, or the reason for the refusal.
"""

import csv
from pathlib import Path

import pytest

from vitrine.kernel.addresses import MAX_URL, Refused, Target, is_public, parse

HERE = Path(__file__).parent


def rows(name: str) -> list[dict[str, str]]:
    with (HERE / name).open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def verdict(url: str, *, loopback: bool = False) -> str:
    try:
        parse(url, loopback=loopback)
    except Refused as refused:
        return refused.reason
    return "allowed"


@pytest.mark.parametrize("row", rows("ssrf_urls.csv"), ids=lambda row: row["why"])
def test_a_url_is_taken_or_refused_as_the_table_says(row: dict[str, str]) -> None:
    assert verdict(row["url"]) == row["verdict"]


@pytest.mark.parametrize("row", rows("ssrf_urls.csv"), ids=lambda row: row["why"])
def test_allowing_loopback_allows_nothing_else_of_the_table(row: dict[str, str]) -> None:
    assert verdict(row["url"], loopback=True) == row["verdict"]


@pytest.mark.parametrize("row", rows("ssrf_addresses.csv"), ids=lambda row: f"{row['address']} {row['why']}")
def test_an_address_is_public_or_not_as_the_table_says(row: dict[str, str]) -> None:
    assert is_public(row["address"]) == (row["public"] == "yes")


@pytest.mark.parametrize("hidden", ["\t", "\n", "\r", "\0", "\x7f", "\u200b", "\u00ad", "\u2025", "\ufeff"])
@pytest.mark.parametrize("at", [0, 5, 10, 20])
def test_a_character_that_parsers_drop_is_refused_wherever_it_hides(hidden: str, at: int) -> None:
    url = "https://hooks.example.com/a"
    assert verdict(url[:at] + hidden + url[at:]) == "characters"


def test_a_url_longer_than_any_that_is_meant_is_refused() -> None:
    base = "https://hooks.example.com/"
    assert verdict(base + "a" * (MAX_URL - len(base))) == "allowed"
    assert verdict(base + "a" * (MAX_URL - len(base) + 1)) == "length"


def test_a_name_longer_than_dns_allows_is_refused() -> None:
    assert verdict(f"https://{'a' * 64}.example.com/") == "host"
    assert verdict(f"https://{'.'.join(['a' * 60] * 5)}.com/") == "host"


@pytest.mark.parametrize(
    ("url", "target"),
    [
        ("https://Hooks.Example.com", Target("hooks.example.com", 443, "/")),
        ("https://hooks.example.com:443/a/b?c=d&e", Target("hooks.example.com", 443, "/a/b?c=d&e")),
        ("https://hooks.example.com?c=d", Target("hooks.example.com", 443, "/?c=d")),
    ],
)
def test_a_target_says_where_to_connect_and_what_to_ask_for(url: str, target: Target) -> None:
    assert parse(url) == target


def test_a_receiver_on_this_machine_is_taken_only_where_it_is_allowed() -> None:
    url = "http://127.0.0.1:8080/hook"
    assert parse(url, loopback=True) == Target("127.0.0.1", 8080, "/hook", tls=False)
    assert verdict(url) == "scheme"


@pytest.mark.parametrize(
    "url",
    [
        "http://127.0.0.1/",
        "http://127.0.0.2:8080/",
        "http://localhost:8080/",
        "http://user@127.0.0.1:8080/",
        "http://127.0.0.1:8080@169.254.169.254/",
        "http://127.1:8080/",
        "http://[::1]:8080/",
        "http://0.0.0.0:8080/",
        "http://127.0.0.1:08080/",
        "http://127.0.0.1:99999/",
        "http://127.0.0.1:8080x/",
        "http://169.254.169.254:8080/",
    ],
)
def test_a_receiver_on_this_machine_has_one_spelling(url: str) -> None:
    assert verdict(url, loopback=True) == "scheme"
