import io
import os
import threading
import time
import zipfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from infra.local import emulator_entry
from tests.support.crowd import at_once
from tests.support.patience import PATIENCE_S


def _zip(**files: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name, text in files.items():
            archive.writestr(f"python/{name}.py", text)
    return packed.getvalue()


def test_a_layer_is_unpacked_once_however_many_workers_start_at_once(tmp_path: Path) -> None:
    layer = _zip(numbers="ONE = 1")

    folders = at_once(lambda _: emulator_entry.unpacked(layer, tmp_path), 8)

    assert len(set(folders)) == 1
    assert (folders[0] / "python" / "numbers.py").read_text() == "ONE = 1"
    assert list(tmp_path.iterdir()) == [folders[0]]


def test_what_is_unpacked_already_stays_as_it_is(tmp_path: Path) -> None:
    layer = _zip(numbers="ONE = 1")
    stored = emulator_entry.unpacked(layer, tmp_path) / "python" / "numbers.pyc"
    stored.touch()

    emulator_entry.unpacked(layer, tmp_path)

    assert stored.exists()


def test_another_process_that_was_first_is_no_error(tmp_path: Path) -> None:
    layer = _zip(numbers="ONE = 1")
    other = emulator_entry.unpacked(layer, tmp_path)

    emulator_entry._unpack(layer, other)

    assert list(tmp_path.iterdir()) == [other]


def test_a_layer_that_cannot_be_unpacked_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(zipfile.BadZipFile):
        emulator_entry.unpacked(b"no zip", tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_layers_that_are_no_longer_deployed_and_half_unpacked_ones_are_deleted(tmp_path: Path) -> None:
    kept, old = (emulator_entry.unpacked(_zip(numbers=text), tmp_path) for text in ("ONE = 1", "ONE = 2"))
    (tmp_path / f"{emulator_entry.DRAFT}1").mkdir()

    emulator_entry.forget_all_but({kept.name}, tmp_path)

    assert list(tmp_path.iterdir()) == [kept]
    assert not old.exists()
    emulator_entry.forget_all_but((), tmp_path / "never-made")


class _Workers:
    """Stands for ministack's class: notes with which configuration a worker was started."""

    def __init__(self, config: dict[str, Any]) -> None:
        self.config = config
        self.seen: dict[str, Any] = {}

    def _spawn(self) -> None:
        self.seen = self.config


def test_a_worker_starts_without_layers_of_its_own_and_is_told_where_the_shared_ones_lie(tmp_path: Path) -> None:
    zips = {"arn:base": _zip(base="A = 1"), "arn:imaging": _zip(imaging="B = 1")}
    workers = type("Workers", (_Workers,), {})
    emulator_entry.share_layers(workers, lambda layer: zips[layer["Arn"]], tmp_path)
    config = {"Layers": [{"Arn": "arn:base"}, {"Arn": "arn:imaging"}], "Environment": {"Variables": {"A": "1"}}}
    first, second = workers(config), workers(config)

    first._spawn()
    second._spawn()

    folders = [tmp_path / emulator_entry.digest(layer) for layer in zips.values()]
    variables = {"A": "1", emulator_entry.FOLDERS: os.pathsep.join(map(str, folders))}
    assert first.seen == second.seen == {"Layers": [], "Environment": {"Variables": variables}}
    assert first.config is config


def test_a_function_without_layers_is_told_of_none(tmp_path: Path) -> None:
    workers = type("Workers", (_Workers,), {})
    emulator_entry.share_layers(workers, lambda _: None, tmp_path)
    alone = workers({"Environment": None})

    alone._spawn()

    assert alone.seen == {"Layers": [], "Environment": {"Variables": {}}}


def test_an_emulator_that_starts_its_workers_in_another_way_is_noticed(tmp_path: Path) -> None:
    with pytest.raises(AttributeError):
        emulator_entry.share_layers(SimpleNamespace(), lambda _: None, tmp_path)


class _Runtime:
    """Stands for ministack's pool of workers: one function's, whose key is its name."""

    def __init__(self, *busy: bool) -> None:
        self._lock = threading.Lock()
        self._workers = {"f": [SimpleNamespace(in_use=each) for each in busy]}
        self.acquired: list[str] = []

    def _worker_key(self, name: str, _config: Any, _qualifier: str) -> str:
        return name

    def acquire_worker(self, name: str, _config: Any, _code: bytes, _qualifier: str) -> str:
        self.acquired.append(name)
        return name


ALL = [True] * emulator_entry.WORKERS


@pytest.mark.parametrize("busy", [[], [True], [*ALL[1:], False], [*ALL, False]])
def test_a_call_that_finds_a_free_worker_or_few_of_them_waits_for_none(busy: list[bool]) -> None:
    runtime = _Runtime(*busy)

    emulator_entry.wait_for_workers(runtime, patience_s=PATIENCE_S)("f", {}, b"")

    assert runtime.acquired == ["f"]


def test_a_call_waits_for_a_worker_that_gets_free() -> None:
    runtime = _Runtime(*ALL)
    patient = emulator_entry.wait_for_workers(runtime, patience_s=PATIENCE_S)
    waiting = threading.Thread(target=patient, args=("f", {}, b""))
    waiting.start()

    time.sleep(0.05)
    before = list(runtime.acquired)
    runtime._workers["f"][0].in_use = False
    waiting.join()

    assert (before, runtime.acquired) == ([], ["f"])


def test_a_call_that_waited_long_starts_one_more_worker() -> None:
    runtime = _Runtime(*ALL)

    emulator_entry.wait_for_workers(runtime, patience_s=0.05)("f", {}, b"")

    assert runtime.acquired == ["f"]
