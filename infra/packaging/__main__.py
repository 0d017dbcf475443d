"""`python -m infra.packaging`: make every zip that a synth for this machine will ask for, and name each on a line.

`vitrine up` runs it beside the synth, which spends its first seconds importing the CDK.
"""

from collections.abc import Iterator

from infra.packaging.assets import CORE, ROOT, Asset, Assets
from infra.packaging.layers import LAYERS
from infra.packaging.target import host

NOT_LAMBDA = frozenset({"inference"})


def groups() -> list[str]:
    """The folders of functions that Lambda runs."""
    found = (path.parent.name for path in (ROOT / "functions").glob("*/__init__.py"))
    return sorted(set(found) - NOT_LAMBDA)


def zips(assets: Assets) -> Iterator[Asset]:
    """Every zip, one by one as it is made."""
    for layer in (*LAYERS, CORE):
        yield assets.layer(layer)
    for group in groups():
        yield assets.functions(group)


if __name__ == "__main__":
    for made in zips(Assets(host())):
        print(made.key, made.path, flush=True)
