"""`python -m infra.packaging`: make every zip that a synth for this machine will ask for, and name each on a line.

`vitrine up` runs it beside the synth, which spends its first seconds importing the CDK.
"""

from collections.abc import Iterator

from infra.packaging.assets import Asset, Assets
from infra.packaging.layers import LAYERS
from infra.packaging.target import host


def zips(assets: Assets) -> Iterator[Asset]:
    """Every zip, one by one as it is made."""
    for layer in LAYERS:
        yield assets.layer(layer)
    for function in assets.functions:
        yield assets.function(function)


if __name__ == "__main__":
    for made in zips(Assets(host())):
        print(made.key, made.path, flush=True)
