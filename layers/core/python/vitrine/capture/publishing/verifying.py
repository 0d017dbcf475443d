"""Whether frames and package are those of a manifest, by their hashes. Pure: files on a disk, no AWS."""

import hashlib
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from vitrine.capture.publishing.models import Manifest, ManifestFrame

_BLOCK = 2**20


@dataclass(frozen=True)
class Finding:
    """`ok`, or what is wrong with `name`; `what` says it in words."""

    name: str
    ok: bool
    what: str


def package(manifest: Manifest, path: Path) -> Iterator[Finding]:
    """The archive as a whole, then each file in it, so that a damaged archive says which frames are still good."""
    if manifest.package is None:
        yield Finding(path.name, False, "the manifest names no package")
        return
    same = sha256_of(path) == manifest.package.sha256
    yield Finding(path.name, same, "the package" if same else "not the package that was published")
    try:
        with zipfile.ZipFile(path) as archive:
            yield from _contents(manifest, archive)
    except (zipfile.BadZipFile, OSError):
        yield Finding(path.name, False, "no archive that can be read")


def _contents(manifest: Manifest, archive: zipfile.ZipFile) -> Iterator[Finding]:
    known = {frame.published.name: frame for frame in manifest.frames}
    names = archive.namelist()
    for name in names:
        frame = known.get(name)
        yield _in_archive(archive, name, frame) if frame else Finding(name, False, "not in the manifest")
    yield from (Finding(name, False, "missing from the package") for name in known if name not in names)


def _in_archive(archive: zipfile.ZipFile, name: str, frame: ManifestFrame) -> Finding:
    try:
        found = hashlib.sha256(archive.read(name)).hexdigest()
    except (zipfile.BadZipFile, OSError):
        return Finding(name, False, "damaged")
    same = found == frame.published.sha256
    return Finding(name, same, "as published" if same else "changed since it was published")


def frame(manifest: Manifest, path: Path) -> Finding:
    """A file by its content, whatever its name: a published frame, its original, or the very bytes of the phone."""
    found = sha256_of(path)
    for each in (*manifest.frames, *manifest.stills):
        if found == each.published.sha256:
            return Finding(path.name, True, f"{each.published.name} as published{_edits(each)}")
        if found in (each.original_sha256, each.uploaded_sha256):
            return Finding(path.name, True, f"the camera's own file of {each.published.name}")
    return Finding(path.name, False, "no frame of this manifest, or changed since")


def _edits(frame: ManifestFrame) -> str:
    return f" (edits: {', '.join(frame.edits)})" if frame.edits else ""


def unbound(manifest: Manifest) -> list[str]:
    """Published frames whose original is not what the phone announced."""
    return [
        each.published.name
        for each in (*manifest.frames, *manifest.stills)
        if each.uploaded_sha256 != each.original_sha256
    ]


def sha256_of(path: Path) -> str:
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest()
