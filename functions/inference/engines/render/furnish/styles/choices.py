"""What a home's plan seed decides within a style."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import numpy as np

from functions.inference.engines.render.furnish.styles.spec import Alternative, StyleSpec


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
    """The design of a piece by name, as the spec's fields decide it; "plain" for one that has a single design."""
    return _DESIGNS[piece](spec) if piece in _DESIGNS else "plain"


def _sofa(spec: StyleSpec) -> str:
    sofa = spec.sofa
    return f"{sofa.form}-{'tufted' if sofa.tufted else 'plain'}-{sofa.seats}"


def _storage(spec: StyleSpec) -> str:
    return f"{spec.front}-{spec.feet}"


_DESIGNS: Mapping[str, Callable[[StyleSpec], str]] = {
    "sofa": _sofa,
    "loveseat": _sofa,
    "armchair": lambda spec: spec.armchair,
    "coffee_table": lambda spec: spec.coffee,
    "side_table": lambda spec: f"{spec.side_table}-{spec.table_lamp}",
    "console": _storage,
    "sideboard": _storage,
    "media_console": _storage,
    "dresser": _storage,
    "nightstand": _storage,
    "bookcase": _storage,
    "dining_set": lambda spec: f"{spec.dining_table}-{spec.dining_chair}",
    "desk": lambda spec: spec.desk,
    "floor_lamp": lambda spec: spec.lamp,
    "pendant": lambda spec: spec.pendant,
    "plant": lambda spec: spec.plant,
    "rug": lambda spec: spec.rug.pattern,
    "bed": lambda spec: f"{spec.bed}-{spec.bedding}",
    "mirror": lambda spec: spec.mirror,
}
