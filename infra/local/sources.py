"""What something was made from, as one hash: it is made again when the hash is another."""

import hashlib
from collections.abc import Iterator, Sequence
from pathlib import Path

NOT_SOURCE = frozenset({"__pycache__", "node_modules", ".mypy_cache", ".ruff_cache", ".venv", ".vitrine", "cdk.out"})


def fingerprint(folder: Path, names: Sequence[str], values: object = ()) -> str:
    """Changes when a file under one of the `names` in `folder` does, or `values`. Names that do not exist count too."""
    digest = hashlib.sha256(repr((tuple(names), values)).encode())
    for path in _files(folder, names):
        digest.update(f"{path.relative_to(folder)}\0".encode() + path.read_bytes())
    return digest.hexdigest()


def _files(folder: Path, names: Sequence[str]) -> Iterator[Path]:
    for top in (folder / name for name in names):
        yield from _walk(top) if top.is_dir() else filter(Path.exists, (top,))


def _walk(top: Path) -> Iterator[Path]:
    for path in sorted(top.iterdir()):
        if path.is_dir() and path.name not in NOT_SOURCE:
            yield from _walk(path)
        elif path.is_file() and path.suffix != ".pyc":
            yield path
