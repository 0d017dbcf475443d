"""`python -m tests.bench.capture_qc [--public DIR] [--drawn DIR] [--every N] [--fetched DIR]`: how well set_qc judges.

Frames of whole spins are damaged on purpose, one at a time, and the whole set is judged again: how often was the damage
named at its frame, and how often was something named that is sound? Beside it, in the same run, an absolute threshold
on the Laplacian's variance for blur, and a 64-bit pHash for duplicates.

DIR holds a folder for each set. `capture_sets.tsv` names the public ones with source and licence (they are not in the
repository), what is known of them, and faults that they have by themselves; `--fetched` makes the folders from bare
clones (OWNER+NAME/repo). `vitrine spin` draws the others; their names begin with the mode, as in `studio360-24-day`.
"""

import argparse
import csv
import re
import subprocess
import time
from collections import defaultdict
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from tests.bench import capture_damage as damage
from tests.bench import capture_rivals as rivals
from tests.support.remembered import remembered_frames
from vitrine.pictures.decoding import fit, read
from vitrine.pictures.orient import Pixels
from vitrine.set_qc import features, frame_checks, judge, measure
from vitrine.set_qc.features import Features
from vitrine.set_qc.models import CheckStatus, FrameMeasures, Mode, SetFrame, SetReport
from vitrine.set_qc.places import natural
from vitrine.set_qc.relate import related
from vitrine.set_qc.thresholds import DEFAULT

SETS = Path(__file__).with_name("capture_sets.tsv")
WIDE_DEG = 12.0
Frame = tuple[FrameMeasures, Features]


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

    @property
    def count(self) -> int:
        return len(self.frames)

    @property
    def span(self) -> str:
        return "wide" if 360 / self.count > WIDE_DEG else "narrow"


@dataclass
class Tally:
    """Found of tried, wrongly named of clean, and which were missed."""

    found: int = 0
    tried: int = 0
    wrong: int = 0
    clean: int = 0
    missed: list[str] = field(default_factory=list)

    def add(self, found: bool, where: str) -> None:
        self.found, self.tried = self.found + found, self.tried + 1
        if not found:
            self.missed.append(where)

    def look(self, wrong: int, clean: int, where: str = "") -> None:
        self.wrong, self.clean = self.wrong + wrong, self.clean + clean
        if wrong:
            self.missed.append(f"!{where}")


Tallies = defaultdict[str, Tally]


def fetched(clones: Path, out: Path) -> None:
    """Write the public sets' files from bare clones."""
    for row in _rows():
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


def _rows() -> list[dict[str, str]]:
    with SETS.open() as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def load(folder: Path, known: dict[str, str]) -> Spin:
    files = sorted((one for one in folder.iterdir() if _is_frame(one)), key=lambda one: natural(one.name))
    pictures = [fit(read(file.read_bytes()), measure.DECODED_SIDE) for file in files]
    mode = Mode.WALK360 if folder.name.startswith("walk") else Mode.STUDIO360
    return Spin(
        folder.name,
        pictures,
        [measured(picture) for picture in pictures],
        mode,
        known.get("vehicle", "yes") == "yes",
        int(known["front"]) if known.get("front") else None,
        known.get("direction", "any"),
        frozenset(known.get("faults", "").split(",")) - {""},
    )


def _is_frame(file: Path) -> bool:
    return file.suffix.lower() in {".jpg", ".jpeg", ".png"} and "mask" not in file.name


def measured(picture: Pixels) -> Frame:
    seen = measure.measure_pixels(picture, "")
    return seen.measures, features.unpack(seen.features)


def judged(spin: Spin, frames: list[Frame]) -> SetReport:
    """The whole judgement, by names alone, as `vitrine set-qc` makes it."""
    line = [SetFrame(id=str(at), index=None, name=str(at)) for at in range(len(frames))]
    measures = {one.id: frame[0] for one, frame in zip(line, frames, strict=True)}
    relations = related(line, [frame[1] for frame in frames], spin.mode, {}, {})
    return judge.judge_set(line, None, measures, relations, DEFAULT[spin.mode])


def bad(report: SetReport, at: int, *names: str) -> bool:
    return any(
        report.frames[str(at)][name].status is not CheckStatus.PASS for name in names if name in report.frames[str(at)]
    )


def clean(spin: Spin, tallies: Tallies) -> None:
    """What is named on a set that nobody touched."""
    report = judged(spin, spin.frames)
    for name, names in (("light", ("exposure", "colour")), ("place", ("position",))):
        wrong = [at for at in range(spin.count) if bad(report, at, *names)]
        tallies[f"{name}, {spin.mode}"].look(len(wrong), spin.count, f"{spin.name} {wrong}")
    gaps = [gap for gap in report.missing if f"gap:{gap.after}" not in spin.faults]
    tallies[f"missing, {spin.span}"].look(len(gaps), spin.count, f"{spin.name} {[gap.after for gap in gaps]}")
    tallies["swapped"].look(len(report.swapped), spin.count, spin.name)
    tallies["foreign"].look(len(report.foreign), spin.count, f"{spin.name} {report.foreign}")
    copies = [pair for pair in report.duplicates if "first_again" not in spin.faults]
    tallies["duplicate"].look(len(copies), spin.count, f"{spin.name} {[(pair.first, pair.second) for pair in copies]}")
    rivals.near(spin.pictures, tallies["  rival: pHash <= 10 of 64"].look)
    ends(spin, report, tallies)


def ends(spin: Spin, report: SetReport, tallies: Tallies) -> None:
    told = report.checks["seam"].status is not CheckStatus.PASS
    if {"seam", "first_again"} & spin.faults:
        tallies["seam"].add(told, spin.name)
    else:
        tallies["seam"].look(told, 1, spin.name)
    if spin.direction != "any":
        tallies["direction"].add(report.direction == spin.direction, f"{spin.name} {report.direction}")
    if spin.front is not None:
        found = int(report.front_frame) if report.front_frame else -99
        off = abs((found - spin.front + spin.count // 2) % spin.count - spin.count // 2)
        tallies["front within 1"].add(off <= 1, f"{spin.name} {found}, not {spin.front}")
    doubted = report.checks["vehicle"].status is not CheckStatus.PASS
    if spin.vehicle:
        tallies["not a vehicle"].look(doubted, 1, spin.name)
    else:
        tallies["not a vehicle"].add(doubted, spin.name)


def blurred(spin: Spin, at: list[int], tallies: Tallies) -> None:
    for light, turn in (("day", None), ("night", damage.night)):
        pictures = [turn(one) if turn else one for one in spin.pictures]
        line = [_blur_measures(one) for one in pictures]
        ours, rival = tallies[f"blur, {light}"], tallies[f"  rival: Laplacian < 100, {light}"]
        wrong = [one for one in range(spin.count) if _is_blurred(line, one, spin.mode)]
        ours.look(len(wrong), spin.count, f"{spin.name} {wrong}")
        rival.look(sum(one.sharpness < rivals.LAPLACIAN for one in line), spin.count)
        for one in at:
            for name, blur in damage.BLURS.items():
                hurt = blur(spin.pictures[one])
                seen = _blur_measures(turn(hurt) if turn else hurt)
                ours.add(
                    _is_blurred([*line[:one], seen, *line[one + 1 :]], one, spin.mode), f"{spin.name} {one} {name}"
                )
                rival.add(seen.sharpness < rivals.LAPLACIAN, "")


def _blur_measures(picture: Pixels) -> FrameMeasures:
    grey = np.asarray(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), np.uint8)
    fine, noise = measure.detail_of(fit(grey, 960))
    coarse, _ = measure.detail_of(fit(grey, 480))
    return FrameMeasures(
        sharpness=rivals.laplacian(grey),
        detail=fine,
        coarse_detail=coarse,
        noise=noise,
        brightness=0.5,
        clipped_shadows=0,
        clipped_highlights=0,
        ring_lab=(0, 0, 0),
        sha256="",
    )


def _is_blurred(line: list[FrameMeasures], at: int, mode: Mode) -> bool:
    return frame_checks.blur(line, at, DEFAULT[mode]).status is CheckStatus.FAIL


def changed(spin: Spin, at: list[int], tallies: Tallies) -> None:
    """Light and place: one frame's pixels are changed, the others stay."""
    for kind, ways, names in (
        ("light", damage.LIGHTS, ("exposure", "colour")),
        ("place", damage.MOVES, ("position", "crop")),
    ):
        for turn, one in enumerate(at):
            name, way = list(ways.items())[turn % len(ways)]
            hurt = measured(way(spin.pictures[one]))
            report = judged(spin, [*spin.frames[:one], hurt, *spin.frames[one + 1 :]])
            tallies[f"{kind}, {spin.mode}"].add(bad(report, one, *names), f"{spin.name} {one} {name}")


def copied(spin: Spin, at: list[int], tallies: Tallies) -> None:
    for turn, one in enumerate(at):
        name, way = list(damage.COPIES.items())[turn % len(damage.COPIES)]
        copy = way(spin.pictures[one])
        report = judged(spin, [*spin.frames[: one + 1], measured(copy), *spin.frames[one + 1 :]])
        pairs = {(pair.first, pair.second) for pair in report.duplicates}
        tallies["duplicate"].add((str(one), str(one + 1)) in pairs, f"{spin.name} {one} {name}")
        tallies["  rival: pHash <= 10 of 64"].add(rivals.alike(spin.pictures[one], copy), "")


def removed(spin: Spin, at: list[int], tallies: Tallies) -> None:
    for one in at:
        if 0 < one < spin.count - 1:
            report = judged(spin, [*spin.frames[:one], *spin.frames[one + 1 :]])
            placed = [gap for gap in report.missing if gap.after == str(one - 1) and gap.count == 1]
            low = all(gap.confidence <= 0.5 for gap in placed)
            tallies[f"missing, {spin.span}"].add(bool(placed) and (low or spin.span == "narrow"), f"{spin.name} {one}")


def reordered(spin: Spin, at: list[int], strangers: list[Frame], tallies: Tallies) -> None:
    for turn, one in enumerate(at):
        line = list(spin.frames)
        if one + 1 < spin.count:
            line[one], line[one + 1] = line[one + 1], line[one]
            pairs = {(pair.first, pair.second) for pair in judged(spin, line).swapped}
            tallies["swapped"].add((str(one), str(one + 1)) in pairs, f"{spin.name} {one}")
        if strangers:
            line = list(spin.frames)
            line[one] = strangers[one * len(strangers) // spin.count]
            tallies["foreign"].add(str(one) in judged(spin, line).foreign, f"{spin.name} {one} ({turn})")
    closing(spin, tallies)


def closing(spin: Spin, tallies: Tallies) -> None:
    if not spin.faults:
        again = judged(spin, [*spin.frames, measured(damage.encoded_again(spin.pictures[0]))])
        tallies["seam"].add(again.checks["seam"].code == "first_again", f"{spin.name} first again")
        short = judged(spin, spin.frames[:-2])
        tallies["seam"].add(short.checks["seam"].code == "seam_gap", f"{spin.name} two less")
    if spin.direction != "any":
        other = judged(spin, spin.frames[::-1])
        tallies["reversed"].add(other.direction not in ("unknown", spin.direction), spin.name)
    if spin.front is not None:
        by = spin.count // 3
        turned = judged(spin, [*spin.frames[by:], *spin.frames[:by]])
        found = int(turned.front_frame) if turned.front_frame else -99
        off = abs((found + by - spin.front + spin.count // 2) % spin.count - spin.count // 2)
        tallies["rotated by a third"].add(off <= 1, f"{spin.name} {found}")


def cost(spin: Spin) -> str:
    large = np.asarray(cv2.resize(spin.pictures[0], (1600, 1067), interpolation=cv2.INTER_CUBIC), np.uint8)
    started = time.process_time()
    for _ in range(3):
        measure.measure_pixels(large, "")
    middle = time.process_time()
    judged(spin, spin.frames)
    each, whole = (middle - started) / 3, time.process_time() - middle
    sizes = f"measure {each * 1000:.0f} ms a frame of 1600 pixels beyond decoding"
    return f"{spin.name} ({spin.count} frames): {sizes}, relate and judge {whole:.2f} s (CPU)"


def _row(name: str) -> str:
    """A rival's row stands below ours."""
    return name.replace("  rival: Laplacian", "blur~").replace("  rival: pHash", "duplicate~")


def table(tallies: Tallies) -> list[str]:
    lines = [f"{'check':<34}{'found':>16}{'wrongly named':>20}"]
    for name, tally in sorted(tallies.items(), key=lambda one: _row(one[0])):
        found = f"{tally.found}/{tally.tried} {tally.found / tally.tried:4.0%}" if tally.tried else "-"
        wrong = f"{tally.wrong}/{tally.clean} {tally.wrong / tally.clean:6.1%}" if tally.clean else "-"
        lines.append(f"{name:<34}{found:>16}{wrong:>20}")
    return lines


def spins(folders: list[Path]) -> list[Spin]:
    known = {row["name"]: row for row in _rows()}
    drawn = {"front": "0", "direction": "counter_clockwise"}
    return [load(folder, known.get(folder.name, drawn)) for folder in folders]


def everything(spin: Spin, at: list[int], strangers: list[Frame], tallies: Tallies) -> None:
    clean(spin, tallies)
    blurred(spin, at, tallies)
    changed(spin, at, tallies)
    copied(spin, at, tallies)
    removed(spin, at, tallies)
    reordered(spin, at, strangers, tallies)


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--public", type=Path)
    parser.add_argument("--drawn", type=Path)
    parser.add_argument("--fetched", type=Path)
    parser.add_argument("--every", type=int, default=5)
    args = parser.parse_args()
    cv2.setNumThreads(1)
    if args.fetched:
        fetched(args.fetched, args.public)
    folders = [one for root in (args.public, args.drawn) if root for one in sorted(root.iterdir()) if one.is_dir()]
    found, tallies = spins(folders), Tallies(Tally)
    print("\n".join(cost(spin) for spin in found))
    with remembered_frames():
        for spin in found:
            strangers = next((one.frames for one in found if _other(one, spin)), [])
            everything(spin, list(range(1, spin.count, args.every)), strangers, tallies)
            print(spin.name, flush=True)
    print("\n".join(table(tallies)))
    for name, tally in tallies.items():
        print(f"missed by {name.strip()}: {'; '.join(one for one in tally.missed if one)}")


def _other(one: Spin, spin: Spin) -> bool:
    """Another vehicle before the same kind of background, of the same shape of frame."""
    same_shape = one.pictures[0].shape == spin.pictures[0].shape
    return same_shape and one.mode is spin.mode and one.name.split("-")[:2] != spin.name.split("-")[:2] and one.vehicle


if __name__ == "__main__":
    main()
