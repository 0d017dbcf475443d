from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vitrine.assets import keys
from vitrine.assets.links import Address

AWS = Address("uploads-bucket", "eu-west-1")
LOCAL = Address("uploads-bucket", "us-east-1", "http://127.0.0.1:4566")
TENANT = "ten_aaaabbbbccccdddd22223333"
KEY = f"uploads/{TENANT}/ast_01arz3ndektsv4rrffq69g5fav/living-room.jpg"

_id_characters = st.sampled_from("0123456789abcdefghjkmnpqrstvwxyz")
_tenants = st.text(st.sampled_from("abcdefghijklmnopqrstuvwxyz234567"), min_size=1, max_size=30).map("ten_{}".format)
_asset_ids = st.text(_id_characters, min_size=26, max_size=26).map("ast_{}".format)


@given(_tenants, _asset_ids, st.text(max_size=300))
def test_every_key_we_make_is_read_back_whatever_the_file_was_called(tenant: str, asset_id: str, filename: str) -> None:
    made = keys.UploadKey(tenant, asset_id, keys.safe_name(filename, "jpg"))
    assert keys.parse(str(made)) == made
    for address in (AWS, LOCAL):
        assert keys.parse_reference(tenant, address.url(str(made)), address) == made


@given(_tenants, _tenants, _asset_ids)
def test_another_tenants_key_is_as_unknown_as_one_that_never_was(mine: str, theirs: str, asset_id: str) -> None:
    found = keys.parse_reference(mine, str(keys.UploadKey(theirs, asset_id, "a.jpg")), AWS)
    assert (found is not None) == (mine == theirs)


@given(st.text(max_size=200))
def test_no_text_makes_the_parser_raise(text: str) -> None:
    for wanted in (text, f"https://{text}", f"s3://{text}", f"{AWS.base}{text}"):
        assert keys.parse_reference(TENANT, wanted, AWS) is None


@pytest.mark.parametrize(
    "reference",
    [
        KEY,
        f"s3://uploads-bucket/{KEY}",
        f"https://uploads-bucket.s3.eu-west-1.amazonaws.com/{KEY}",
        f"https://uploads-bucket.s3.eu-west-1.amazonaws.com:443/{KEY}",
        f"https://uploads-bucket.s3.amazonaws.com/{KEY}",
        f"https://uploads-bucket.s3.dualstack.eu-west-1.amazonaws.com/{KEY}",
        f"https://s3.eu-west-1.amazonaws.com/uploads-bucket/{KEY}",
        f"https://s3.amazonaws.com/uploads-bucket/{KEY}",
        f"https://Uploads-Bucket.S3.eu-west-1.amazonaws.com/{KEY}?X-Amz-Signature=abc&X-Amz-Expires=900#top",
        f"https://uploads-bucket.s3.eu-west-1.amazonaws.com/{quote(KEY, safe='')}",
    ],
)
def test_an_upload_is_known_by_its_key_and_by_every_form_of_its_url(reference: str) -> None:
    assert str(keys.parse_reference(TENANT, reference, AWS)) == KEY


def test_the_emulators_url_counts_only_where_the_emulator_is_the_endpoint() -> None:
    url = f"http://127.0.0.1:4566/uploads-bucket/{KEY}?X-Amz-Signature=abc"
    assert str(keys.parse_reference(TENANT, url, LOCAL)) == KEY
    assert keys.parse_reference(TENANT, url, AWS) is None


@pytest.mark.parametrize(
    "reference",
    [
        f"s3://other-bucket/{KEY}",
        f"https://other-bucket.s3.eu-west-1.amazonaws.com/{KEY}",
        f"https://s3.eu-west-1.amazonaws.com/other-bucket/{KEY}",
        f"https://uploads-bucket.s3.us-west-2.amazonaws.com/{KEY}",
        f"http://uploads-bucket.s3.eu-west-1.amazonaws.com/{KEY}",
        f"https://uploads-bucket.s3.eu-west-1.amazonaws.com.evil.test/{KEY}",
        f"https://uploads-bucket.s3.eu-west-1.amazonaws.com@evil.test/{KEY}",
        f"https://user:pass@uploads-bucket.s3.eu-west-1.amazonaws.com/{KEY}",
        f"https://uploads-bucket.s3.eu-west-1.amazonaws.com:8443/{KEY}",
        f"https://evil.test/?u=https://uploads-bucket.s3.eu-west-1.amazonaws.com/{KEY}",
        f"https://uploads-bucket.s3.eu-west-1.amazonaws.com/x/../{KEY}",
        f"/{KEY}",
        f"{KEY}/",
        f"{KEY}\n",
        f"uploads/{TENANT}/ast_01arz3ndektsv4rrffq69g5fav/../../x.jpg",
        f"uploads/{TENANT}/img_01arz3ndektsv4rrffq69g5fav/a.jpg",
        "http://[",
        "",
    ],
)
def test_anything_else_is_unknown(reference: str) -> None:
    assert keys.parse_reference(TENANT, reference, AWS) is None


@pytest.mark.parametrize(
    ("filename", "safe"),
    [
        ("living room.JPG", "living-room.JPG"),
        ("C:\\photos\\Küche 1.heic", "Kuche-1.heic"),
        ("../../etc/passwd", "passwd.jpg"),
        (".htaccess", "htaccess.jpg"),
        ("写真", "photo.jpg"),
        ("", "photo.jpg"),
        ("a" * 300 + ".png", "a" * 96 + ".png"),
        ('"><script>.jpg', "script-.jpg"),
    ],
)
def test_file_names_keep_what_is_safe(filename: str, safe: str) -> None:
    assert keys.safe_name(filename, "jpg") == safe
