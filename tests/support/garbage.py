"""What collecting the tests makes stays until the end, so the garbage collector never looks through it."""

import gc


def pytest_configure() -> None:
    gc.disable()


def pytest_collection_finish() -> None:
    gc.freeze()
    gc.enable()
