"""One photo to a cut-out."""

from dataclasses import dataclass, field

import numpy as np

from functions.inference.products import edge, finishing, looking, region
from functions.inference.vision.arrays import Array, Bools, Bytes

AGREES = 0.95


@dataclass(frozen=True)
class Measured:
    """What the confidence is made of."""

    agreement: float = 1.0
    looks: float = 1.0
    sure: float = 1.0
    plain: bool = False
    extra: dict[str, float] = field(default_factory=dict)


def cut(pixels: Bytes):
    look = looking.first(pixels)
    part = looking.closer(pixels, look)
    net = (part.net + part.first_net) / 2
    seen = net > 0.5
    reg = None
    if part.ground is not None:
        like = region.likeness(part.colours, part.ground, look.ground.noise.astype(np.float32))
        reg = region.find(like, (part.first_net, part.net))
        product = reg.product
    else:
        product = seen
    agreement = iou(product, seen)
    half = edge.half_band(product.shape, edge.BAND if part.ground is not None else edge.UNSURE_BAND)
    alpha = edge.soften(part.colours, product, reg.gone if reg is not None else np.zeros_like(product), half)
    made = finishing.estimate(part.colours, alpha)
    rgba = finishing.finish(pixels, part.box, made)
    return rgba, dict(agreement=agreement, looks=iou(part.net > 0.5, part.first_net > 0.5), plain=part.ground is not None, reg=reg, part=part, net=net, look=look, alpha=alpha)


def iou(one: Bools, other: Bools) -> float:
    return float((one & other).sum() / max(1, (one | other).sum()))
