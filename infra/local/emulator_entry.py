"""The emulator's entry point, run by the emulator's own Python: ministack, whose Lambda workers cost less to start.

    python -P emulator_entry.py FOLDER

ministack 1.5.33 has no setting for either of these; all else is ministack's.

- Layers: it writes and unpacks all layers of a function anew for each of its workers (0.5 GB for one that decodes
  pictures). Here each layer is unpacked once below FOLDER, named by the hash of its zip, and a worker is started as if
  its function had no layers, with those folders in the variable by which ministack itself tells workers where layers
  lie.
- Workers: it starts one more for each call that comes while all are busy, so 24 calls at once on two processors are 24
  processes that import for a minute. Here a call waits for a worker that gets free, as long as there are some.

Nothing here may import what is not in the emulator's environment.
"""

import hashlib
import io
import os
import shutil
import sys
import tempfile
import threading
import time
import zipfile
from collections.abc import Callable, Collection
from pathlib import Path
from typing import Any

FOLDERS = "_LAMBDA_LAYERS_DIRS"
DRAFT = "draft-"
WORKERS = 2 * (os.cpu_count() or 1)
"""So many workers of one function run before calls wait."""
PATIENCE_S = 5.0
"""Then one more is started all the same: who waits may be called, around corners, by the one that is waited for."""
_unpacking = threading.Lock()


def unpacked(layer: bytes, folder: Path) -> Path:
    """The folder below `folder` with what the zip `layer` holds; made by whoever asks first, and never half there.

    Threads wait for each other. Processes may unpack the same zip at once, and the first one's folder is taken. Raises
    `zipfile.BadZipFile` and `OSError`.
    """
    made = folder / digest(layer)
    with _unpacking:
        if not made.exists():
            _unpack(layer, made)
    return made


def digest(layer: bytes) -> str:
    return hashlib.sha256(layer).hexdigest()


def forget_all_but(kept: Collection[str], folder: Path) -> None:
    """Delete unpacked layers with other names, and what was never unpacked to its end. No worker may be running."""
    for entry in folder.iterdir() if folder.exists() else ():
        if entry.name not in kept:
            shutil.rmtree(entry, ignore_errors=True)


def share_layers(workers: Any, zip_of: Callable[[Any], bytes | None], folder: Path) -> None:
    """Let ministack's class of `workers` start with layers below `folder`. `zip_of` reads one layer of a function.

    Raises `AttributeError` when ministack starts its workers in another way than this was written for.
    """
    start = workers._spawn

    def start_with_emulator_entry(worker: Any) -> None:
        own = worker.config
        zips = filter(None, map(zip_of, own.get("Layers") or ()))
        worker.config = without_layers(own, [unpacked(layer, folder) for layer in zips])
        try:
            start(worker)
        finally:
            worker.config = own

    workers._spawn = start_with_emulator_entry


def without_layers(config: dict[str, Any], folders: list[Path]) -> dict[str, Any]:
    """A function's configuration without its layers, but with the folders where they lie."""
    variables = dict((config.get("Environment") or {}).get("Variables") or {})
    if folders:
        variables[FOLDERS] = os.pathsep.join(map(str, folders))
    return {**config, "Layers": [], "Environment": {"Variables": variables}}


def wait_for_workers(runtime: Any, patience_s: float = PATIENCE_S) -> Callable[..., Any]:
    """ministack's `acquire_worker`, which leases a free worker of a function or starts one; but patient."""
    acquire: Callable[..., Any] = runtime.acquire_worker

    def patient(name: str, config: Any, code: bytes, qualifier: str = "$LATEST", **more: Any) -> Any:
        key, until = runtime._worker_key(name, config, qualifier), time.monotonic() + patience_s
        while _all_busy(runtime, key) and time.monotonic() < until:
            time.sleep(0.005)
        return acquire(name, config, code, qualifier, **more)

    return patient


def _all_busy(runtime: Any, key: str) -> bool:
    with runtime._lock:
        workers = runtime._workers.get(key, ())
        return len(workers) >= WORKERS and all(worker.in_use for worker in workers)


def _unpack(layer: bytes, made: Path) -> None:
    made.parent.mkdir(parents=True, exist_ok=True)
    draft = Path(tempfile.mkdtemp(prefix=DRAFT, dir=made.parent))
    try:
        with zipfile.ZipFile(io.BytesIO(layer)) as archive:
            archive.extractall(draft)
        _rename(draft, made)
    finally:
        shutil.rmtree(draft, ignore_errors=True)


def _rename(draft: Path, made: Path) -> None:
    try:
        draft.rename(made)
    except OSError:
        # Another process was first: a folder that is not empty is never replaced.
        if not made.exists():
            raise


def main() -> None:
    from ministack import app
    from ministack.core import lambda_runtime
    from ministack.services import lambda_svc

    share_layers(lambda_runtime.Worker, lambda_svc._resolve_layer_zip, Path(sys.argv.pop(1)))
    lambda_svc.acquire_worker = lambda_runtime.acquire_worker = wait_for_workers(lambda_runtime)
    app.main()


if __name__ == "__main__":
    main()
