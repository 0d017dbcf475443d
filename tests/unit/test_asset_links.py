import hashlib
import hmac
from urllib.parse import parse_qs, urlsplit

import boto3
import pytest

from vitrine.assets.links import Address, presigned
from vitrine.kernel import tables

AWS = Address("uploads-bucket", "eu-west-1")
HEADERS = {"Content-Type": "image/jpeg", "Content-Length": "7", "x-amz-checksum-sha256": "c2hh"}


def admits(url: str, method: str, headers: dict[str, str], payload: str = "UNSIGNED-PAYLOAD") -> bool:
    """Whether S3 would take the request: the signature over what was sent, by the rules of SigV4 for query strings."""
    parts = urlsplit(url)
    query = {key: values[0] for key, values in parse_qs(parts.query).items()}
    sent = {"host": parts.netloc, **{name.lower(): value for name, value in headers.items()}}
    signed = query["X-Amz-SignedHeaders"].split(";")
    rest = "&".join(sorted(pair for pair in parts.query.split("&") if not pair.startswith("X-Amz-Signature=")))
    lines = [method, parts.path, rest, *[f"{name}:{sent.get(name, '')}" for name in signed], ""]
    request = "\n".join([*lines, ";".join(signed), payload])
    scope = query["X-Amz-Credential"].split("/", 1)[1]
    text = "\n".join(["AWS4-HMAC-SHA256", query["X-Amz-Date"], scope, hashlib.sha256(request.encode()).hexdigest()])
    credentials = tables.connection().session.get_credentials()
    assert credentials is not None
    key = f"AWS4{credentials.secret_key}".encode()
    for part in (*scope.split("/"), text):
        key = hmac.digest(key, part.encode(), "sha256")
    return hmac.compare_digest(key.hex(), query["X-Amz-Signature"])


def test_an_upload_with_exactly_the_signed_headers_is_admitted() -> None:
    assert admits(presigned("PUT", AWS, "uploads/a b.jpg", 900, HEADERS), "PUT", HEADERS)


@pytest.mark.parametrize(
    "difference",
    [{"Content-Length": "8"}, {"Content-Type": "image/png"}, {"x-amz-checksum-sha256": "b3RoZXI="}],
)
def test_an_upload_that_differs_in_type_length_or_digest_is_not(difference: dict[str, str]) -> None:
    url = presigned("PUT", AWS, "uploads/a.jpg", 900, HEADERS)
    assert not admits(url, "PUT", {**HEADERS, **difference})
    assert not admits(url, "GET", HEADERS)


def test_every_header_that_binds_the_upload_is_named_as_signed() -> None:
    query = parse_qs(urlsplit(presigned("PUT", AWS, "uploads/a.jpg", 900, HEADERS)).query)
    assert query["X-Amz-SignedHeaders"] == ["content-length;content-type;host;x-amz-checksum-sha256"]
    assert query["X-Amz-Expires"] == ["900"]


def test_a_download_url_is_admitted_and_lies_where_boto3_would_put_it() -> None:
    ours = presigned("GET", AWS, "published/a.png", 900)
    theirs = boto3.client("s3", region_name="eu-west-1").generate_presigned_url(
        "get_object", Params={"Bucket": "uploads-bucket", "Key": "published/a.png"}
    )
    assert admits(ours, "GET", {})
    assert urlsplit(ours).path == urlsplit(theirs).path
    assert urlsplit(ours).netloc == "uploads-bucket.s3.eu-west-1.amazonaws.com"


def test_an_emulator_is_addressed_by_path() -> None:
    address = Address.of("uploads", {"AWS_REGION": "us-east-1", "AWS_ENDPOINT_URL": "http://127.0.0.1:4566/"})
    assert presigned("GET", address, "a.jpg", 60).startswith("http://127.0.0.1:4566/uploads/a.jpg?")


def test_a_digest_among_the_headers_is_the_payload_that_was_signed_as_amazons_own_clients_sign_it() -> None:
    digest = hashlib.sha256(b"photo").hexdigest()
    headers = {"Content-Type": "image/jpeg", "x-amz-content-sha256": digest}
    assert admits(presigned("PUT", AWS, "org/a.jpg", 900, headers), "PUT", headers, digest)
    others = {**headers, "x-amz-content-sha256": hashlib.sha256(b"other").hexdigest()}
    assert not admits(presigned("PUT", AWS, "org/a.jpg", 900, headers), "PUT", others, digest)


def test_the_emulator_takes_such_a_url_too_which_verifies_none_with_a_payload() -> None:
    emulated = Address("uploads-bucket", "eu-west-1", "http://localhost:4566")
    headers = {"x-amz-content-sha256": hashlib.sha256(b"photo").hexdigest()}
    assert admits(presigned("PUT", emulated, "org/a.jpg", 900, headers), "PUT", headers)
