"""How much work each quality is worth."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from vitrine.contracts.catalogue import Quality


@dataclass(frozen=True)
class Effort:
    """How much is rendered: longest side in pixels, paths in all and per pixel, path depth.

    `grid` squared rays find a pixel's share of furniture; `denoiser` is OIDN's quality; `slow`: rendered without LLVM.
    """

    longest: int
    paths: int
    fewest: int
    most: int
    depth: int
    grid: int = 4
    denoiser: str = "high"
    slow: bool = False

    def samples(self, cells: int) -> int:
        """Paths for each of so many cells."""
        return min(max(self.paths // max(cells, 1), self.fewest), self.most)


Efforts = Mapping[Quality, Effort]

EFFORTS: Efforts = {
    Quality.PREVIEW: Effort(640, 450_000, 3, 8, 3, grid=3, denoiser="fast"),
    Quality.STANDARD: Effort(2048, 2_600_000, 4, 16, 4),
    Quality.PREMIUM: Effort(3072, 24_000_000, 16, 64, 6),
}
SLOW_EFFORTS: Efforts = dict.fromkeys(Quality, Effort(640, 300_000, 2, 4, 3, slow=True))
"""Without LLVM a path costs about fifteen times as much."""
WARM_UP_EFFORTS: Efforts = {
    quality: replace(effort, longest=256, paths=1, fewest=1, most=1) for quality, effort in EFFORTS.items()
}
"""Hardly any paths, with the kernels of each quality: of these fields, only `depth` is compiled in."""
