"""How well the gate judges pictures: `python -m tests.bench.gate FOLDER [--half held_out]`.

FOLDER holds pictures and `labels.tsv` with the columns file, label, half and source. Labels: `empty` rooms and rooms
with `fixtures` only (kitchens, bathrooms) should be staged, `furnished` ones staged with a warning that says so,
`close` ups of interiors without usable floor refused or doubted, `other` pictures refused. `gate_pictures.tsv` names
the public pictures that the README's table was measured on; they are not in the repository.
"""

import argparse
import csv
from collections import Counter, defaultdict
from dataclasses import dataclass
from pathlib import Path

import cv2

from functions.inference.engines.render.read import gate
from functions.inference.engines.render.read.reading import read_room
from functions.inference.vision import images
from vitrine.contracts.inference import Refusal

LABELS = ("empty", "fixtures", "furnished", "close", "other")
USUAL_PLACE_SCORE = 9.0


@dataclass(frozen=True)
class Verdict:
    """`answer` is a refusal's code, or `staged`; `warnings` are codes."""

    file: str
    label: str
    half: str
    answer: str
    warnings: tuple[str, ...]


def judge(path: Path) -> tuple[str, tuple[str, ...]]:
    """As the engine does, but for the furniture."""
    try:
        reading = read_room(images.decode(path.read_bytes()))
    except images.UnreadablePhotoError:
        return "unreadable_file", ()
    if isinstance(reading, Refusal):
        return reading.code.value, ()
    busy = gate.furnished_share(reading.small, reading.room)
    return "staged", tuple(w.code for w in gate.warnings_of(reading.room, USUAL_PLACE_SCORE, busy, slow=False))


def verdicts(folder: Path, half: str | None) -> list[Verdict]:
    with (folder / "labels.tsv").open() as stream:
        rows = [row for row in csv.DictReader(stream, delimiter="\t") if half in (None, row["half"])]
    return [Verdict(row["file"], row["label"], row["half"], *judge(folder / row["file"])) for row in rows]


def table(found: list[Verdict]) -> list[str]:
    """Answers by label, then what refusals are worth."""
    answers = sorted({v.answer for v in found})
    warned = ("low_confidence", "already_furnished")
    lines = [f"{'':<11}{'all':>5}" + "".join(f"{name:>{max(8, len(name) + 2)}}" for name in (*answers, *warned))]
    for label in LABELS:
        those = [v for v in found if v.label == label]
        count = Counter(v.answer for v in those)
        count.update(code for v in those for code in v.warnings if code in warned)
        cells = "".join(f"{count[name]:>{max(8, len(name) + 2)}}" for name in (*answers, *warned))
        lines.append(f"{label:<11}{len(those):>5}{cells}")
    return [*lines, *_rates(found)]


def _rates(found: list[Verdict]) -> list[str]:
    refused: dict[bool, int] = defaultdict(int)
    for v in found:
        if v.label in ("empty", "other"):
            refused[v.label == "other"] += v.answer != "staged"
    others, empties = (sum(v.label == label for v in found) for label in ("other", "empty"))
    furnished = [v for v in found if v.label == "furnished" and v.answer == "staged"]
    said = sum("already_furnished" in v.warnings for v in furnished)
    wrongly = sum("already_furnished" in v.warnings for v in found if v.label == "empty")
    return [
        f"refusals of pictures that are no rooms: recall {refused[True]}/{others}, "
        f"precision against empty rooms {refused[True]}/{refused[True] + refused[False]}",
        f"empty rooms staged: {empties - refused[False]}/{empties}; "
        f"furnished, staged and said so: {said}/{len(furnished)}; empty called furnished: {wrongly}",
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--half", help="tuning or held_out; without it, each")
    parser.add_argument("--wrong", action="store_true", help="list what went wrong")
    args = parser.parse_args()
    cv2.setNumThreads(1)
    found = verdicts(args.folder, args.half)
    for half in sorted({v.half for v in found}):
        these = [v for v in found if v.half == half]
        print(f"\n{half}: {len(these)} pictures")
        print("\n".join(table(these)))
        for v in these if args.wrong else ():
            if (v.label == "other") == (v.answer == "staged") and v.label in ("other", "empty"):
                print(f"{v.file} {v.label} {v.answer} {' '.join(v.warnings)}")


if __name__ == "__main__":
    main()
