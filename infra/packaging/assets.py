"""What the stacks ask for: the zip of a layer or of a function, and the layers that a function needs."""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path

from infra.packaging import layers
from infra.packaging.archive import Archive, Files, keyed, made
from infra.packaging.bytecode import Bytecode
from infra.packaging.closure import Closure, Sources
from infra.packaging.layers import PackagingError
from infra.packaging.target import Target

ROOT = Path(__file__).resolve().parents[2]
CACHE = ROOT / "build" / "assets"
MARKER = "layers/deps"
"""Stands for every zip in a synth that makes none."""


@dataclass(frozen=True)
class Asset:
    """A path for the CDK, and the hash that names it in S3."""

    path: Path
    key: str


@dataclass(frozen=True)
class Assets:
    """Makes zips for one target. With `resolve` false it makes nothing and the assets are markers, for fast synths.

    Functions are named by their module, `functions.GROUP.NAME`. The tree is read once: after an edit, make another.
    """

    target: Target
    resolve: bool = True
    needs_bytecode: bool = False
    root: Path = ROOT
    cache: Path = CACHE

    @cached_property
    def markers(self) -> "Assets":
        """The same for a synth that makes nothing."""
        return replace(self, resolve=False)

    def layer(self, name: str) -> Asset:
        """Raises `PackagingError` when a package cannot be had."""
        return _asset(self.layer_archive(name)) if self.resolve else self._marker(f"layer-{name}")

    def function(self, module: str) -> Asset:
        """Raises `ClosureError`."""
        return _asset(self.function_archive(module)) if self.resolve else self._marker(module)

    def layers_of(self, module: str) -> tuple[str, ...]:
        """The layers whose packages the function imports. Raises `ClosureError`."""
        return layers.holding(self._closure(module).packages, module)

    def build_of(self, module: str) -> str:
        """A short hash of our own code that a function runs: its zip's, whatever machine the zip is for."""
        return self.sources.key(self._closure(module).files)[:12]

    @property
    def functions(self) -> tuple[str, ...]:
        return self.sources.functions

    def layer_archive(self, name: str) -> Archive:
        layer = layers.LAYERS[name]
        key = keyed(layers.content_key(layer, self.root), self.target)
        return made(name, key, self.target, self.cache, layers.installed(layer, self.target, self.root))

    def function_archive(self, module: str) -> Archive:
        files = self._closure(module).files
        name = module.replace(".", "-").replace("_", "-")
        key = keyed(self.sources.key(files), self.target)
        return made(name, key, self.target, self.cache, lambda _: {**files, **self._compiled(files)})

    @cached_property
    def sources(self) -> Sources:
        return Sources(self.root)

    def function_files(self, module: str) -> Files:
        return self._closure(module).files

    def _closure(self, module: str) -> Closure:
        if module not in self._closures:
            self._closures[module] = self.sources.closure(module)
        return self._closures[module]

    @cached_property
    def _closures(self) -> dict[str, Closure]:
        return {}

    def _compiled(self, files: Files) -> dict[str, Path]:
        bytecode = self._bytecode
        found = ((name, bytecode.of(name, self.sources.digest(path))) for name, path in files.items())
        return {bytecode.name(name): path for name, path in found if path}

    @cached_property
    def _bytecode(self) -> Bytecode:
        """All functions' modules compiled, in one go. Raises `PackagingError` where that is needed and impossible."""
        bytecode = Bytecode(self.target, self.cache)
        if self.needs_bytecode and bytecode.interpreter is None:
            version = self.target.python
            raise PackagingError(f"These zips need bytecode of Python {version}: run `uv python install {version}`.")
        bytecode.prepare({name: (self.sources.digest(path), path) for name, path in self._modules()})
        return bytecode

    def _modules(self) -> Iterator[tuple[str, Path]]:
        for module in self.functions:
            yield from ((name, path) for name, path in self.function_files(module).items() if path.suffix == ".py")

    def _marker(self, name: str) -> Asset:
        return Asset(self.root / MARKER, f"not-made-{name}")


def _asset(archive: Archive) -> Asset:
    return Asset(archive.path, archive.key)
