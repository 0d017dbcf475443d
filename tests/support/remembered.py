"""Answers of pure functions kept for a run: sets that differ in one frame share nearly everything that is measured."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any
from unittest.mock import patch

from vitrine.set_qc import outline, tracks, wheels

Answers = dict[tuple[int, ...], tuple[object, Any]]


def once(function: Callable[..., Any], known: Answers) -> Callable[..., Any]:
    """`function`, asked once for the same objects. Keeps them, so that no other object gets their identity."""

    def asked(*given: Any) -> Any:
        parts = [part for one in given for part in (one if isinstance(one, list) else [one])]
        key = tuple(id(part) for part in parts)
        if key not in known:
            known[key] = parts, function(*given)
        return known[key][1]

    return asked


@contextmanager
def remembered_frames() -> Iterator[None]:
    """Within it, what set_qc finds of a frame or of two is found once."""
    with ExitStack() as stack:
        for module, name in ((tracks, "matched"), (tracks, "_without"), (outline, "from_rim"), (wheels, "two_wheels")):
            stack.enter_context(patch.object(module, name, once(getattr(module, name), {})))
        yield
