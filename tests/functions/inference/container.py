"""The container's entry point with an engine and a judge that need no renderer; started by tests of its host."""

import sys

from functions.inference import __main__ as entry
from functions.inference.storage import open_store
from functions.inference.tasks import Services
from tests.functions.inference.doubles import SCORES, PaintingEngine, glance
from vitrine.contracts.inference import Engine, Scores


def judged(photo: bytes, picture: bytes, mask: bytes | None) -> Scores:
    return SCORES


def open_services() -> Services:
    return Services(open_store(), judged, Engine(name="judge", version="1"), glance, PaintingEngine())


if __name__ == "__main__":
    sys.exit(entry.main(sys.argv[1:], open_services))
