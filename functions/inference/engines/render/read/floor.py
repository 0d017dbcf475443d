"""Which pixels of a photo show bare floor (GrabCut, seeded by the camera's horizon)."""

from dataclasses import dataclass

import cv2
import numpy as np

from functions.inference.engines.render.read.camera import Camera
from functions.inference.vision.arrays import Array, Bools, Bytes, Floats

MASK_SIZE, CUT_SIZE = 512, 256
FEWEST_SEEDS = 12  # pixels at CUT_SIZE


@dataclass(frozen=True)
class FloorMask:
    """`mask` is boolean at `scale` times the photo's size; `elevation` holds degrees above the horizon per pixel, `lab`
    the photo at that size in 8-bit Lab."""

    mask: Bools
    elevation: Array
    scale: float
    lab: Bytes

    @property
    def share(self) -> float:
        return float(self.mask.mean())

    def at(self, pixels: Floats) -> Bools:
        """Whether photo pixels (n x 2) are floor; pixels outside the photo take the nearest one's answer."""
        height, width = self.mask.shape
        x, y = np.clip((pixels * self.scale).astype(int), 0, [width - 1, height - 1]).T
        return np.asarray(self.mask[y, x], np.bool_)

    def resized(self, width: int, height: int) -> Bools:
        return cv2.resize(self.mask.astype(np.uint8), (width, height), interpolation=cv2.INTER_NEAREST) > 0


def _elevation(camera: Camera, width: int, height: int, scale: float) -> Array:
    y, x = np.mgrid[0:height, 0:width]
    rays = camera.rays(np.c_[x.ravel() / scale, y.ravel() / scale])
    angle = np.degrees(np.arcsin(rays[:, 2] / np.linalg.norm(rays, axis=1)))
    return np.asarray(angle.reshape(height, width), np.float32)


def _seeds(elevation: Array) -> Bytes:
    height, width = elevation.shape
    y, x = np.mgrid[0:height, 0:width]
    labels = np.full((height, width), cv2.GC_PR_BGD, np.uint8)
    labels[elevation > -4] = cv2.GC_BGD
    labels[(elevation < -6) & (elevation < 0.45 * np.percentile(elevation, 1))] = cv2.GC_PR_FGD
    labels[(y > height * 0.93) & (np.abs(x - width / 2) < width * 0.28) & (elevation < -8)] = cv2.GC_FGD
    return labels


def _bottom_component(mask: Bytes) -> Bytes:
    """The connected part that holds most of the bottom edge's middle, else the largest."""
    count, label, stats, _ = cv2.connectedComponentsWithStats(mask)
    if count <= 1:
        return mask
    height, width = mask.shape
    bottom = label[height - 3, width // 4 : 3 * width // 4]
    bottom = bottom[bottom > 0]
    chosen = np.bincount(bottom).argmax() if len(bottom) else 1 + stats[1:, cv2.CC_STAT_AREA].argmax()
    return np.asarray(label == chosen, np.uint8)


def _cut(rgb: Bytes, camera: Camera) -> Array | None:
    """GrabCut's floor at CUT_SIZE, 0 or 1; None when the camera shows none, or nothing else."""
    scale = CUT_SIZE / max(rgb.shape[:2])
    small = cv2.resize(rgb, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    lab = cv2.cvtColor(cv2.bilateralFilter(small, 5, 25, 3.5), cv2.COLOR_RGB2LAB)
    labels = _seeds(_elevation(camera, small.shape[1], small.shape[0], scale))
    certain, elsewhere = (labels == cv2.GC_FGD).sum(), np.isin(labels, (cv2.GC_BGD, cv2.GC_PR_BGD)).sum()
    if min(certain, elsewhere) < FEWEST_SEEDS:
        return None
    cv2.setRNGSeed(1)  # GrabCut starts from k-means
    cv2.grabCut(lab, labels, (0, 0, 1, 1), np.zeros((1, 65)), np.zeros((1, 65)), 4, cv2.GC_INIT_WITH_MASK)
    return np.isin(labels, (cv2.GC_FGD, cv2.GC_PR_FGD)).astype(np.float32)


def find(rgb: Bytes, camera: Camera) -> FloorMask | None:
    """The floor of a photo, or None when the camera shows none below the horizon."""
    cut = _cut(rgb, camera)
    if cut is None:
        return None
    scale = MASK_SIZE / max(rgb.shape[:2])
    height, width = (round(side * scale) for side in rgb.shape[:2])
    mask = (cv2.resize(cut, (width, height), interpolation=cv2.INTER_LINEAR) > 0.5).astype(np.uint8)
    mask = _bottom_component(np.asarray(cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((3, 3), np.uint8)), np.uint8))
    mask = np.asarray(cv2.morphologyEx(mask, cv2.MORPH_CLOSE, np.ones((9, 9), np.uint8)), np.uint8)
    small = cv2.resize(rgb, (width, height), interpolation=cv2.INTER_AREA)
    lab = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2LAB), np.uint8)
    return FloorMask(mask > 0, _elevation(camera, width, height, scale), scale, lab)
