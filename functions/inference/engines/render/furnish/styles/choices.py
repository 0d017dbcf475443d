"""What a home's plan seed decides within a style."""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from functions.inference.engines.render.furnish.styles.spec import Alternative, SofaSpec, StyleSpec


def either(*changes: Mapping[str, Any]) -> tuple[Alternative, ...]:
    """Alternatives that a home's plan picks one of, each a set of fields to replace."""
    return tuple(tuple(sorted(change.items())) for change in changes)


def one_of(field: str, *values: Any) -> tuple[Alternative, ...]:
    return either(*({field: value} for value in values))


def chosen(spec: StyleSpec, plan_seed: int) -> StyleSpec:
    """The style as one home has it: one alternative of each choice."""
    rng = np.random.default_rng([plan_seed, 11])
    for alternatives in spec.choices:
        spec = replace(spec, **dict(alternatives[int(rng.integers(len(alternatives)))]))
    return replace(spec, choices=())


def variant_of(spec: StyleSpec, piece: str) -> str:
    """The design of a piece by name, as the spec's fields decide it."""
    storage = f"{spec.front}-{spec.feet}"
    designs = {
        "sofa": _sofa_design(spec.sofa),
        "loveseat": _sofa_design(spec.sofa),
        "armchair": spec.armchair,
        "coffee_table": spec.coffee,
        "side_table": f"{spec.side_table}-{spec.table_lamp}",
        "console": storage,
        "sideboard": storage,
        "media_console": storage,
        "dresser": storage,
        "nightstand": storage,
        "bookcase": storage,
        "dining_set": f"{spec.dining_table}-{spec.dining_chair}",
        "desk": spec.desk,
        "floor_lamp": spec.lamp,
        "pendant": spec.pendant,
        "plant": spec.plant,
        "rug": spec.rug.pattern,
        "bed": f"{spec.bed}-{spec.bedding}",
        "mirror": spec.mirror,
    }
    return designs.get(piece, "plain")


def _sofa_design(spec: SofaSpec) -> str:
    return f"{spec.form}-{'tufted' if spec.tufted else 'plain'}-{spec.seats}"
