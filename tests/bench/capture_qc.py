"""`python -m tests.bench.capture_qc [--public DIR] [--drawn DIR] [--every N] [--fetched DIR]`: how well set_qc judges.

Frames of whole spins are damaged on purpose, one at a time, and the whole set is judged again: how often was the damage
named at its frame, and how often was something named that is sound? Beside it, in the same run, an absolute threshold
on the Laplacian's variance for blur, and a 64-bit pHash for duplicates.

DIR holds a folder for each set. `capture_sets.tsv` names the public ones with source and licence (they are not in the
repository), what is known of them, and faults that they have by themselves; `--fetched` makes the folders from bare
clones (OWNER+NAME/repo). `vitrine spin` draws the others; their names begin with the mode, as in `studio360-24-day`.
"""

import argparse
import time
from collections import defaultdict
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import cv2
import numpy as np

from tests.bench import capture_damage as damage
from tests.bench import capture_rivals as rivals
from tests.bench.capture_spins import Frame, Spin, fetched, load, mode_of, rows, shape_of
from tests.support.remembered import remembered_frames
from vitrine.pictures.decoding import fit
from vitrine.pictures.orient import Pixels
from vitrine.set_qc import frame_checks, judge, measure
from vitrine.set_qc.models import CheckStatus, FrameMeasures, Mode, SetFrame, SetReport
from vitrine.set_qc.relate import related
from vitrine.set_qc.thresholds import DEFAULT


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


def judged(spin: Spin, frames: list[Frame]) -> SetReport:
    """The whole judgement, by names alone, as `vitrine set-qc` makes it."""
    line = [SetFrame(id=str(at), index=None, name=str(at)) for at in range(len(frames))]
    measures = {one.id: frame.measures for one, frame in zip(line, frames, strict=True)}
    masks = {one.id: frame.mask for one, frame in zip(line, frames, strict=True) if frame.mask is not None}
    relations = related(line, [frame.features for frame in frames], spin.mode, {}, masks)
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
            hurt = spin.measured(way(spin.pictures[one]))
            report = judged(spin, [*spin.frames[:one], hurt, *spin.frames[one + 1 :]])
            tallies[f"{kind}, {spin.mode}"].add(bad(report, one, *names), f"{spin.name} {one} {name}")


def copied(spin: Spin, at: list[int], tallies: Tallies) -> None:
    for turn, one in enumerate(at):
        name, way = list(damage.COPIES.items())[turn % len(damage.COPIES)]
        copy = way(spin.pictures[one])
        report = judged(spin, [*spin.frames[: one + 1], spin.measured(copy), *spin.frames[one + 1 :]])
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
        again = judged(spin, [*spin.frames, spin.measured(damage.encoded_again(spin.pictures[0]))])
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


def table(plain: Tallies, masked: Tallies) -> list[str]:
    lines = [
        f"{'':<34}{'without masks':^36}{'with masks':^36}",
        f"{'check':<34}" + 2 * f"{'found':>16}{'wrongly named':>20}",
    ]
    return lines + [
        f"{name:<34}{_cells(plain[name])}{_cells(masked[name]) if name in masked else ''}"
        for name in sorted(plain, key=_row)
    ]


def _cells(tally: Tally) -> str:
    found = f"{tally.found}/{tally.tried} {tally.found / tally.tried:4.0%}" if tally.tried else "-"
    wrong = f"{tally.wrong}/{tally.clean} {tally.wrong / tally.clean:6.1%}" if tally.clean else "-"
    return f"{found:>16}{wrong:>20}"


def merged(all_of: list[Tallies]) -> Tallies:
    whole = Tallies(Tally)
    for tallies in all_of:
        for name, one in tallies.items():
            into = whole[name]
            into.found, into.tried = into.found + one.found, into.tried + one.tried
            into.wrong, into.clean = into.wrong + one.wrong, into.clean + one.clean
            into.missed += one.missed
    return whole


def known_of(folder: Path) -> dict[str, str]:
    known = {row["name"]: row for row in rows()}
    return known.get(folder.name, {"front": "0", "direction": "counter_clockwise"})


def loaded(folder: Path) -> Spin:
    return load(folder, known_of(folder))


def everything(folder: Path, folders: list[Path], every: int, until: float) -> tuple[Tallies, Tallies] | None:
    """A set's tallies without masks and with them; None where the time is over. Blur asks for no mask, so it is tried
    once."""
    if time.time() > until:
        return None
    cv2.setNumThreads(1)
    spin = loaded(folder)
    stranger = strangers_to(folder, folders)
    at = list(range(1, spin.count, every))
    plain, masked = Tallies(Tally), Tallies(Tally)
    spent = cost(spin)
    with remembered_frames():
        blurred(spin, at, plain)
        for one, other, tallies in (
            (spin.without_masks(), stranger and stranger.without_masks(), plain),
            (spin, stranger, masked),
        ):
            clean(one, tallies)
            changed(one, at, tallies)
            copied(one, at, tallies)
            removed(one, at, tallies)
            reordered(one, at, other.frames if other else [], tallies)
    print(spent, flush=True)
    return plain, masked


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--public", type=Path)
    parser.add_argument("--drawn", type=Path)
    parser.add_argument("--fetched", type=Path)
    parser.add_argument("--every", type=int, default=5)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--minutes", type=float, default=60, help="no further set is begun after so many")
    args = parser.parse_args()
    if args.fetched:
        fetched(args.fetched, args.public)
    folders = [one for root in (args.public, args.drawn) if root for one in sorted(root.iterdir()) if one.is_dir()]
    with ProcessPoolExecutor(args.processes) as pool:
        until = time.time() + 60 * args.minutes
        running = [pool.submit(everything, folder, folders, args.every, until) for folder in folders]
        done = [found for one in running if (found := one.result()) is not None]
    plain, masked = merged([one[0] for one in done]), merged([one[1] for one in done])
    print("\n".join(table(plain, masked)))
    for kind, tallies in (("without masks", plain), ("with masks", masked)):
        for name, tally in tallies.items():
            print(f"{kind}, missed by {name.strip()}: {'; '.join(one for one in tally.missed if one)}")


def strangers_to(folder: Path, folders: list[Path]) -> Spin | None:
    """Another vehicle before the same kind of background, of the same shape of frame."""
    found = (one for one in folders if _whose(one) != _whose(folder) and mode_of(one) is mode_of(folder))
    same = (one for one in found if known_of(one).get("vehicle") != "no" and shape_of(one) == shape_of(folder))
    return next((loaded(one) for one in same), None)


def _whose(folder: Path) -> list[str]:
    """Names say the vehicle first; a drawn one's say it last."""
    parts = folder.name.split("-")
    return parts[-1:] if parts[0] in ("studio360", "walk360") else parts[:2]


if __name__ == "__main__":
    main()
