"""What the stacks ask for: the zip of a layer or of a group of functions."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from infra.packaging import layers
from infra.packaging.archive import Archive, copied, key_of_files, keyed, made
from infra.packaging.target import Target

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "assets"
CORE = "core"
MARKER = "layers/deps"
"""Stands for every zip in a synth that makes none."""
BESIDE = {
    "realstaging_api": ("events/openapi/realstaging.json",),
    "stagecraft_api": ("events/openapi/stagecraft.json",),
}
"""Files outside its folder that a group reads at run time."""


@dataclass(frozen=True)
class Asset:
    """A path for the CDK, and the hash that names it in S3."""

    path: Path
    key: str


@dataclass(frozen=True)
class Assets:
    """Makes zips for one target. With `resolve` false it makes nothing and the assets are markers, for fast synths."""

    target: Target
    resolve: bool = True
    root: Path = ROOT
    cache: Path = CACHE

    def layer(self, name: str) -> Asset:
        """Raises `PackagingError` when a package cannot be had."""
        return self._asset(self.layer_archive(name)) if self.resolve else self._marker(f"layer-{name}")

    def functions(self, group: str) -> Asset:
        return self._asset(self.functions_archive(group)) if self.resolve else self._marker(f"functions-{group}")

    def build_of(self, group: str) -> str:
        """A short hash of our own code that a group runs: its folder and the layer `core`."""
        parts = key_of_files(function_files(group, self.root)) + self._core_key
        return hashlib.sha256(parts.encode()).hexdigest()[:12]

    def layer_archive(self, name: str) -> Archive:
        if name == CORE:
            key = keyed(self._core_key, self.target)
            return made(CORE, key, self.target, self.cache, copied(core_files(self.root)))
        layer = layers.LAYERS[name]
        key = keyed(layers.content_key(layer, self.root), self.target)
        return made(name, key, self.target, self.cache, layers.installed(layer, self.target, self.root))

    def functions_archive(self, group: str) -> Archive:
        files = function_files(group, self.root)
        key = keyed(key_of_files(files), self.target)
        return made(f"functions-{group}", key, self.target, self.cache, copied(files))

    @cached_property
    def _core_key(self) -> str:
        return key_of_files(core_files(self.root))

    def _asset(self, archive: Archive) -> Asset:
        return Asset(archive.path, archive.key)

    def _marker(self, name: str) -> Asset:
        return Asset(self.root / MARKER, f"not-made-{name}")


def core_files(root: Path) -> Mapping[str, Path]:
    return _files(root / "layers" / "core", root / "layers" / "core" / "python")


def function_files(group: str, root: Path) -> Mapping[str, Path]:
    """A group's files under their names in the repository, so that `functions.GROUP.MODULE` imports."""
    package = root / "functions" / "__init__.py"
    beside = [root / name for name in BESIDE.get(group, ()) if (root / name).exists()]
    own = _files(root, root / "functions" / group)
    return {**own, **{path.relative_to(root).as_posix(): path for path in (package, *beside)}}


def _files(base: Path, folder: Path) -> dict[str, Path]:
    kept = (path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts)
    return {path.relative_to(base).as_posix(): path for path in kept}
