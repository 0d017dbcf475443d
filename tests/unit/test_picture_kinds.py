"""What a file is, by its first bytes."""

import pytest

from vitrine.assets.refusals import refused
from vitrine.pictures.faults import BadPicture, Fault
from vitrine.pictures.kinds import kind_of


@pytest.mark.parametrize(
    ("data", "found"),
    [
        (b"GIF89a" + bytes(100), "image/gif"),
        (b"BM" + bytes(100), "image/bmp"),
        (b"MM\0*" + bytes(100), "image/tiff"),
        (b"%PDF-1.7", "application/pdf"),
        (b"\0\0\0\x1cftypavif\0\0\0\0avifmif1miaf", "image/avif"),
        (b"\0\0\0\x1cftypmif1\0\0\0\0mif1avifmiaf", "image/avif"),
        (b"\0\0\0\x14ftypqt  \0\0\0\0qt  ", "video/quicktime"),
        (b"\0\0\0\x14ftypisom\0\0\0\0mp42", "video/mp4"),
        (b"\0\0\0\x14ftypcrx \0\0\0\0crx ", None),
    ],
)
def test_a_file_of_another_kind_is_called_what_its_bytes_are(data: bytes, found: str | None) -> None:
    with pytest.raises(BadPicture) as bad:
        kind_of(data)
    assert (bad.value.fault, bad.value.found) == (Fault.UNSUPPORTED, found)
    assert (found or "not read here") in refused(bad.value).reason.message
