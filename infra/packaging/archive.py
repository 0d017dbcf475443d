"""Zips whose name is the hash of what went into them, kept so that what did not change is not made again."""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from infra.packaging.target import Target, compiler

RECIPE = "1"
"""Part of every key: raise it when the way a zip is made changes."""
UNZIPPED_LIMIT = 262_144_000
"""Bytes of a function and all its layers (Lambda quota "Deployment package, unzipped": 250 MB)."""
OURS = 3_000_000
"""What the function itself and the layer `core` may take of it; the rest is for one third-party layer."""
LEAST_BYTECODE = 0.5
"""Bytecode is never smaller than this share of its source, so where that has no room, none is made."""
KEPT_DAYS = 7
"""A zip that no synth asked for in this time goes when the next one is made."""
EPOCH = (1980, 1, 1, 0, 0, 0)


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


def key_of_files(files: Mapping[str, Path]) -> str:
    """A hash of names and contents, whatever the order, owner or age of the files."""
    digest = hashlib.sha256()
    for name in sorted(files):
        digest.update(f"{name}\0{files[name].stat().st_size}\0".encode())
        digest.update(files[name].read_bytes())
    return digest.hexdigest()


def keyed(content: str, target: Target) -> str:
    """A content hash made specific to the target, to whether bytecode goes with it, and to this recipe."""
    bytecode = "bytecode" if compiler(target) else "source"
    return hashlib.sha256(f"{RECIPE} {target.tag} {bytecode} {content}".encode()).hexdigest()[:32]


def made(name: str, key: str, target: Target, cache: Path, fill: Callable[[Path], None]) -> Archive:
    """The archive `name` with this key: from the cache, or made of the folder that `fill` writes."""
    archive = Archive(name, key, cache / f"{name}-{key}.zip")
    with _alone(cache / f".{name}.lock"):
        if archive.path.exists():
            archive.path.touch()
        else:
            _make(archive, target, cache, fill)
    return archive


def _make(archive: Archive, target: Target, cache: Path, fill: Callable[[Path], None]) -> None:
    with _workspace(cache) as folder:
        fill(folder / "content")
        _compile(folder / "content", target)
        _write(folder / "content", folder / "zip", zipfile.ZIP_STORED if target.is_host else zipfile.ZIP_DEFLATED)
        os.replace(folder / "zip", archive.path)
    _forget_unused(cache)
    size = f"{archive.zipped / 1e6:.1f} MB, {archive.unzipped / 1e6:.1f} MB unzipped"
    print(f"packaged {archive.name} for {target.tag}: {size}", file=sys.stderr)


def copied(files: Mapping[str, Path]) -> Callable[[Path], None]:
    """A `fill` that copies `files` to the names that they are given."""

    def fill(folder: Path) -> None:
        folder.mkdir(parents=True)
        for name, source in files.items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(source, folder / name)

    return fill


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


def _compile(folder: Path, target: Target) -> None:
    # /opt and /var/task are read-only: without bytecode in the zip every cold start compiles every module it imports.
    # Hash-based and unchecked, since a zip does not keep the modification times that the default kind is checked by.
    interpreter = compiler(target)
    if interpreter and _bytes_of(folder, "*") + LEAST_BYTECODE * _bytes_of(folder, "*.py") <= UNZIPPED_LIMIT - OURS:
        subprocess.run(  # noqa: S603
            [interpreter, "-m", "compileall", "-qq", "--invalidation-mode", "unchecked-hash", "-s", folder, folder],
            check=False,
        )
        if _bytes_of(folder, "*") > UNZIPPED_LIMIT - OURS:
            _drop_bytecode(folder)


def _bytes_of(folder: Path, pattern: str) -> int:
    return sum(file.stat().st_size for file in folder.rglob(pattern) if file.is_file())


def _drop_bytecode(folder: Path) -> None:
    for cached in list(folder.rglob("__pycache__")):
        shutil.rmtree(cached)


def _write(folder: Path, path: Path, compression: int) -> None:
    with zipfile.ZipFile(path, "w", compression, compresslevel=6) as archive:
        for file in sorted(item for item in folder.rglob("*") if item.is_file()):
            entry = zipfile.ZipInfo(file.relative_to(folder).as_posix(), EPOCH)
            entry.external_attr = 0o755 << 16 if os.access(file, os.X_OK) else 0o644 << 16
            entry.compress_type = compression
            archive.writestr(entry, file.read_bytes())
