"""`python -m infra.packaging`: make every zip that a synth for this machine will ask for.

`vitrine up` runs it beside the synth, which spends its first seconds importing the CDK.
"""

from infra.packaging.assets import CORE, ROOT, Assets
from infra.packaging.layers import LAYERS
from infra.packaging.target import host

NOT_LAMBDA = frozenset({"inference"})


def groups() -> list[str]:
    """The folders of functions that Lambda runs."""
    found = (path.parent.name for path in (ROOT / "functions").glob("*/__init__.py"))
    return sorted(set(found) - NOT_LAMBDA)


def main() -> None:
    assets = Assets(host())
    for layer in (*LAYERS, CORE):
        assets.layer(layer)
    for group in groups():
        assets.functions(group)


if __name__ == "__main__":
    main()
