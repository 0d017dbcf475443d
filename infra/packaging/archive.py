"""Zips whose name is the hash of what went into them, kept so that what did not change is not made again."""

import fcntl
import hashlib
import os
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.packaging.target import Target, compiler

RECIPE = "2"
"""Part of every key: raise it when the way a zip is made changes."""
UNZIPPED_LIMIT = 262_144_000
"""Bytes of a function and all its layers (Lambda quota "Deployment package, unzipped": 250 MB)."""
OURS = 3_000_000
"""What the function itself may take of it; the rest is for one third-party layer, or more that are small."""
KEPT_DAYS = 7
"""A zip that no synth asked for in this time goes when the next one is made."""
EPOCH = (1980, 1, 1, 0, 0, 0)

Files = Mapping[str, Path]
"""What is in a zip, by its name there."""


@dataclass(frozen=True)
class Archive:
    """A zip on disk. `unzipped` counts bytes as Lambda's limit does."""

    name: str
    key: str
    path: Path

    @property
    def unzipped(self) -> int:
        with zipfile.ZipFile(self.path) as archive:
            return sum(entry.file_size for entry in archive.infolist())

    @property
    def zipped(self) -> int:
        return self.path.stat().st_size


def keyed(content: str, target: Target) -> str:
    """A content hash made specific to the target, to whether bytecode goes with it, and to this recipe."""
    bytecode = "bytecode" if compiler(target) else "source"
    return hashlib.sha256(f"{RECIPE} {target.tag} {bytecode} {content}".encode()).hexdigest()[:32]


def made(name: str, key: str, target: Target, cache: Path, gather: Callable[[Path], Files]) -> Archive:
    """The archive `name` with this key: from the cache, or made of what `gather` answers, who may write into the
    folder that it is given."""
    archive = Archive(name, key, cache / f"{name}-{key}.zip")
    with _alone(cache / f".{name}.lock"):
        if archive.path.exists():
            archive.path.touch()
        else:
            _make(archive, target, cache, gather)
    return archive


def _make(archive: Archive, target: Target, cache: Path, gather: Callable[[Path], Files]) -> None:
    with _workspace(cache) as folder:
        _write(
            gather(folder / "content"), folder / "zip", zipfile.ZIP_STORED if target.is_host else zipfile.ZIP_DEFLATED
        )
        os.replace(folder / "zip", archive.path)
    _forget_unused(cache)
    size = f"{archive.zipped / 1e6:.1f} MB, {archive.unzipped / 1e6:.1f} MB unzipped"
    print(f"packaged {archive.name} for {target.tag}: {size}", file=sys.stderr)


def files_in(folder: Path) -> Files:
    return {path.relative_to(folder).as_posix(): path for path in folder.rglob("*") if path.is_file()}


def _forget_unused(cache: Path) -> None:
    oldest = time.time() - KEPT_DAYS * 86400
    for archive in cache.glob("*.zip"):
        if archive.stat().st_mtime < oldest:
            archive.unlink(missing_ok=True)


@contextmanager
def _alone(lock: Path) -> Iterator[None]:
    """Others that want the same zip wait for it: `vitrine up` packages beside its synth, and tests run in parallel."""
    lock.parent.mkdir(parents=True, exist_ok=True)
    with lock.open("a") as held:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield


@contextmanager
def _workspace(cache: Path) -> Iterator[Path]:
    cache.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=cache) as folder:
        yield Path(folder)


def _write(files: Files, path: Path, compression: int) -> None:
    with zipfile.ZipFile(path, "w", compression, compresslevel=6) as archive:
        for name in sorted(files):
            entry = zipfile.ZipInfo(name, EPOCH)
            entry.external_attr = 0o755 << 16 if os.access(files[name], os.X_OK) else 0o644 << 16
            entry.compress_type = compression
            archive.writestr(entry, files[name].read_bytes())
