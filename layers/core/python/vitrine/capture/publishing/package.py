"""The archive of a turn: images only, stored as they are, in their order, with one fixed time. Equal frames make equal
bytes. Pure: it writes to anything that takes bytes in order.
"""

import hashlib
import io
import zipfile
from collections.abc import Callable, Iterable

from vitrine.capture.publishing.models import Package

_MOMENT = (1980, 1, 1, 0, 0, 0)
"""The earliest that a ZIP can say. When a frame was taken, the manifest says."""
_UNIX, _PLAIN_FILE = 3, 0o100644 << 16


def pack(name: str, files: Iterable[tuple[str, bytes]], write: Callable[[bytes], object]) -> Package:
    """Give the archive's bytes to `write`, piece by piece; holds one file at a time.

    A file's size and CRC stand before it, since some readers take no stored files without (Java's streaming one).
    """
    out = _Counted(write)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_STORED) as archive:
        for file, data in files:
            archive.writestr(_entry(file), data)
            out.release()
    out.release()
    return Package(name=name, sha256=out.digest.hexdigest(), size=out.tell())


def _entry(name: str) -> zipfile.ZipInfo:
    entry = zipfile.ZipInfo(name, _MOMENT)
    entry.create_system, entry.external_attr = _UNIX, _PLAIN_FILE
    return entry


class _Counted(io.RawIOBase):
    """A file that can be rewritten as far back as the last `release`: zipfile puts size and CRC in after the data."""

    def __init__(self, write: Callable[[bytes], object]) -> None:
        super().__init__()
        self.digest = hashlib.sha256()
        self._give = write
        self._held = io.BytesIO()
        self._given = 0

    def writable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._given + self._held.tell()

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Raises ValueError for what was released."""
        at = offset - self._given if whence == io.SEEK_SET else offset
        return self._given + self._held.seek(at, whence)

    def write(self, data: bytes) -> int:  # type: ignore[override]  # zipfile writes bytes alone
        return self._held.write(data)

    def release(self) -> None:
        """What was written so far stays as it is, and goes out."""
        data = self._held.getvalue()
        self._held = io.BytesIO()
        self._given += len(data)
        self.digest.update(data)
        if data:
            self._give(data)
