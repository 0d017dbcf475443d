"""Whole spins for the bench of set_qc: from folders, with what is known of them, and the endpoint's masks."""

import csv
import hashlib
import re
import subprocess
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path

from functions.inference.engines.render.render.toolchain import cache_folder
from infra.engine_tools.set_qc import Masker, masks_of_ours
from vitrine.pictures.decoding import fit, read
from vitrine.pictures.orient import Pixels
from vitrine.set_qc import features, measure
from vitrine.set_qc.features import Features
from vitrine.set_qc.models import FrameMeasures, Mode
from vitrine.set_qc.places import natural

SETS = Path(__file__).with_name("capture_sets.tsv")
WIDE_DEG = 12.0


@dataclass(frozen=True)
class Frame:
    """`mask` as the endpoint gives it, None where it gives none."""

    measures: FrameMeasures
    features: Features
    mask: bytes | None


@dataclass(frozen=True)
class Spin:
    name: str
    pictures: list[Pixels]
    frames: list[Frame]
    mode: Mode
    vehicle: bool
    front: int | None
    direction: str
    faults: frozenset[str]
    masked: bool = True

    @property
    def count(self) -> int:
        return len(self.frames)

    @property
    def span(self) -> str:
        return "wide" if 360 / self.count > WIDE_DEG else "narrow"

    def measured(self, picture: Pixels) -> Frame:
        return measured(picture, self.masked)

    def without_masks(self) -> "Spin":
        return replace(self, frames=[replace(one, mask=None) for one in self.frames], masked=False)


def fetched(clones: Path, out: Path) -> None:
    """Write the public sets' files from bare clones."""
    for row in rows():
        folder = clones / row["repository"].replace("/", "+") / "repo"
        git = [
            "git",
            f"--git-dir={folder / '.git' if (folder / '.git').exists() else folder}",
            "-c",
            "core.quotepath=off",
        ]
        listed = subprocess.run([*git, "ls-tree", "-r", row["ref"]], capture_output=True, text=True, check=True)
        for line in listed.stdout.splitlines():
            meta, path = line.split("\t", 1)
            if re.search(row["pattern"], path) and path.lower().endswith((".jpg", ".png")):
                blob = subprocess.run([*git, "cat-file", "blob", meta.split()[2]], capture_output=True, check=True)
                (out / row["name"]).mkdir(parents=True, exist_ok=True)
                (out / row["name"] / Path(path).name).write_bytes(blob.stdout)


def rows() -> list[dict[str, str]]:
    with SETS.open() as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def load(folder: Path, known: dict[str, str]) -> Spin:
    pictures = [fit(read(file.read_bytes()), measure.DECODED_SIDE) for file in _files(folder)]
    return Spin(
        folder.name,
        pictures,
        [measured(picture) for picture in pictures],
        mode_of(folder),
        known.get("vehicle", "yes") == "yes",
        int(known["front"]) if known.get("front") else None,
        known.get("direction", "any"),
        frozenset(known.get("faults", "").split(",")) - {""},
    )


def mode_of(folder: Path) -> Mode:
    return Mode.WALK360 if folder.name.startswith("walk") else Mode.STUDIO360


def shape_of(folder: Path) -> tuple[int, ...]:
    """Of its first frame."""
    return read(_files(folder)[0].read_bytes()).shape


def _files(folder: Path) -> list[Path]:
    return sorted((one for one in folder.iterdir() if _is_frame(one)), key=lambda one: natural(one.name))


def _is_frame(file: Path) -> bool:
    return file.suffix.lower() in {".jpg", ".jpeg", ".png"} and "mask" not in file.name


def measured(picture: Pixels, masked: bool = True) -> Frame:
    seen = measure.measure_pixels(picture, "")
    return Frame(seen.measures, features.unpack(seen.features), mask_of(picture) if masked else None)


def mask_of(picture: Pixels) -> bytes | None:
    """Made once for all runs: a mask takes ten times as long as all the rest of a frame."""
    kept = cache_folder() / "masks" / f"{hashlib.sha256(picture.tobytes()).hexdigest()[:32]}.png"
    if not kept.exists():
        kept.parent.mkdir(parents=True, exist_ok=True)
        kept.write_bytes(_masker()(picture) or b"")
    return kept.read_bytes() or None


@cache
def _masker() -> Masker:
    masker = masks_of_ours()
    assert masker is not None, "the endpoint's weights are not installed here"
    return masker
