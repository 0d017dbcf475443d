"""What a file is, by its first bytes. Nothing is decoded."""

from enum import StrEnum

from vitrine.pictures.faults import BadPicture, Fault


class ContentType(StrEnum):
    """The pictures we read. HEIF files from phones are HEIC under either of its two registered names."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"
    HEIC = "image/heic"
    HEIF = "image/heif"


_HEIC_BRANDS = {b"heic", b"heix", b"heim", b"heis", b"mif1"}
_OTHER_PICTURES = {
    b"GIF8": "image/gif",
    b"BM": "image/bmp",
    b"II*\0": "image/tiff",
    b"MM\0*": "image/tiff",
    b"%PDF": "application/pdf",
    b"8BPS": "image/vnd.adobe.photoshop",
    b"\xff\x0a": "image/jxl",
    b"\0\0\0\x0cJXL ": "image/jxl",
    b"\0\0\0\x0cjP  ": "image/jp2",
}
"""What is no photo of ours, by its first bytes."""
_OTHER_BRANDS = {b"avif": "image/avif", b"avis": "image/avif", b"qt  ": "video/quicktime"}
_FILM_BRANDS = (b"mp4", b"iso", b"M4V", b"avc")


def kind_of(data: bytes) -> ContentType:
    """The kind of picture by its content. Raises `BadPicture`."""
    if not data:
        raise BadPicture(Fault.EMPTY)
    if data.startswith(b"\xff\xd8\xff"):
        return ContentType.JPEG
    if data.startswith(b"\x89PNG\r\n\x1a\n"):
        return ContentType.PNG
    if data.startswith(b"RIFF") and data[8:12] == b"WEBP":
        return ContentType.WEBP
    if data[4:8] == b"ftyp":
        return _heif_kind(data)
    other = next((name for start, name in _OTHER_PICTURES.items() if data.startswith(start)), None)
    raise BadPicture(Fault.UNSUPPORTED, found=other) if other else BadPicture(Fault.NOT_AN_IMAGE)


def media_type(data: bytes) -> str:
    """The type of a photo by its content; octets for whatever else it is, so that no browser runs it as a page."""
    try:
        return kind_of(data).value
    except BadPicture:
        return "application/octet-stream"


def _heif_kind(data: bytes) -> ContentType:
    """AVIF and film share the container; the brands tell them apart."""
    length = min(int.from_bytes(data[:4], "big"), 512)
    major, compatible = data[8:12], {data[at : at + 4] for at in range(16, length, 4)}
    if major in _HEIC_BRANDS and not {b"avif", b"avis"} & compatible:
        return ContentType.HEIC
    raise BadPicture(Fault.UNSUPPORTED, found=_other_brand({major, *compatible}))


def _other_brand(brands: set[bytes]) -> str | None:
    named = next((_OTHER_BRANDS[brand] for brand in _OTHER_BRANDS if brand in brands), None)
    return named or ("video/mp4" if any(brand.startswith(_FILM_BRANDS) for brand in brands) else None)
