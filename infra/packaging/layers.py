"""The third-party layers, resolved from uv.lock for the machine that will run them."""

import fnmatch
import hashlib
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import uv

from infra.packaging.archive import OURS, UNZIPPED_LIMIT, Files, files_in
from infra.packaging.bytecode import compile_tree
from infra.packaging.closure import ClosureError
from infra.packaging.target import Target, compiler


@dataclass(frozen=True)
class Dependencies:
    """One layer: what `uv export` selects with these options, less what `beside` selects."""

    name: str
    export: tuple[str, ...]
    beside: "Dependencies | None" = None


_ALL = ("--no-default-groups",)
_BASE = (*_ALL, "--prune", "stripe", "--prune", "pyjwt", "--prune", "multipart")
BASE = Dependencies("base", _BASE)
TOKENS = Dependencies("tokens", (*_ALL, "--prune", "stripe"), beside=BASE)
PAYMENTS = Dependencies("payments", _ALL, beside=TOKENS)
IMAGING = Dependencies("imaging", (*_BASE, "--group", "imaging"))
LAYERS = {layer.name: layer for layer in (BASE, TOKENS, PAYMENTS, IMAGING)}

HOLDS = {
    "tokens": frozenset({"cryptography", "jwt", "multipart"}),
    "payments": frozenset({"stripe"}),
    "imaging": frozenset({"PIL", "cv2", "numpy", "pillow_heif", "simplejpeg"}),
    "base": frozenset(
        {
            "aws_lambda_powertools",
            "boto3",
            "botocore",
            "pydantic",
            "pydantic_core",
            "pynamodb",
            "standardwebhooks",
            "typing_extensions",
        }
    ),
}
"""What our code imports of each layer."""
LEAST_BYTECODE = 0.5
"""Bytecode is never smaller than this share of its source, so where that has no room, none is made."""
INSTALL = ("pip", "install", "--quiet", "--no-deps", "--require-hashes", "--only-binary", ":all:")
AWS_SERVICES = frozenset(
    {
        "dynamodb",
        "events",
        "lambda",
        "s3",
        "sagemaker",
        "sagemaker-runtime",
        "secretsmanager",
        "sesv2",
        "sns",
        "sqs",
        "stepfunctions",
        "sts",
    }
)
"""The botocore models that stay; a function that opens another client would fail with UnknownServiceError."""

POWERTOOLS = "aws_lambda_powertools/utilities"
UNUSED = (
    # A fifth of a layer's files, and unpacking files is a good part of a cold start.
    *(
        f"{POWERTOOLS}/{name}/*"
        for name in ("auth_alpha", "circuit_breaker", "data_masking", "feature_flags", "idempotency", "kafka")
    ),
    *(f"{POWERTOOLS}/{name}/*" for name in ("parameters", "parser", "streaming", "validation")),
    "bin/*",
    "*.pyi",
    "*.a",
    "*/__pycache__/*",
    "*.dist-info/RECORD",
    "*.dist-info/direct_url.json",
    "*.dist-info/sboms/*",
    "*.dist-info/licenses/*",
    "boto3/data/*",
    "boto3/examples/*",
    "pydantic/v1/*",
    "botocore/data/*/examples-1.json",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/*.js",
    "aws_lambda_powertools/event_handler/openapi/swagger_ui/*.css",
    "numpy/*tests/*",
    "numpy/distutils/*",
    "numpy/f2py/*",
    "numpy/random/*",
    "numpy/testing/*",
    "numpy/_core/include/*",
    "numpy/_core/_simd*",
    "numpy/_core/_*_tests*",
    "cv2/data/*.xml",
    # Pictures are JPEG, PNG, WebP or HEIC, and no text is drawn on them.
    "PIL/_avif*",
    "pillow.libs/libavif*",
    "PIL/_imagingft*",
    "pillow.libs/libfreetype*",
    "pillow.libs/libharfbuzz*",
    "pillow.libs/libbrotli*",
)


@cache
def requirements(layer: Dependencies, root: Path) -> str:
    """The layer's packages as a requirements file with hashes."""
    own = _export(layer.export, root)
    taken = set(_export(layer.beside.export, root)) if layer.beside else set()
    return "\n".join(line for line in own if line not in taken)


def content_key(layer: Dependencies, root: Path) -> str:
    """Changes when a locked package or what is left out of the layer changes."""
    recipe = "\n".join((requirements(layer, root), *UNUSED, *sorted(AWS_SERVICES)))
    return hashlib.sha256(recipe.encode()).hexdigest()


def installed(layer: Dependencies, target: Target, root: Path) -> Callable[[Path], Files]:
    """Installs the layer under `python/`; only wheels, each checked against its hash in the lock."""

    def gather(folder: Path) -> Files:
        folder.mkdir(parents=True)
        listed = folder.parent / "requirements.txt"
        listed.write_text(requirements(layer, root))
        _uv(
            [*INSTALL, "--target", str(folder / "python"), "--requirement", str(listed), *_platform(target)],
            root,
        )
        prune(folder / "python")
        _compile(folder, target)
        return files_in(folder)

    return gather


def holding(packages: frozenset[str], wanted_by: str) -> tuple[str, ...]:
    """The layers that hold these packages, `base` or what contains it among them. Raises `ClosureError`."""
    if unknown := sorted(packages - frozenset().union(*HOLDS.values())):
        raise ClosureError(f"{wanted_by} imports {unknown[0]}, which no layer holds")
    needed = {layer for layer, held in HOLDS.items() if packages & held}
    needed.add("base")
    return tuple(layer for layer in LAYERS if layer in needed - ({"base"} if "imaging" in needed else set()))


def prune(site: Path) -> None:
    """Remove what no function uses; Lambda allows 250 MB unzipped, all layers together."""
    for path in [path for path in site.rglob("*") if path.is_file()]:
        if _unused(path.relative_to(site).as_posix()):
            path.unlink()
    services = site / "botocore" / "data"
    for folder in services.iterdir() if services.exists() else ():
        if folder.is_dir() and folder.name not in AWS_SERVICES:
            shutil.rmtree(folder)


def _compile(folder: Path, target: Target) -> None:
    interpreter, room = compiler(target), UNZIPPED_LIMIT - OURS
    if interpreter and _bytes_of(folder, "*") + LEAST_BYTECODE * _bytes_of(folder, "*.py") <= room:
        compile_tree(folder, interpreter)
        if _bytes_of(folder, "*") > room:
            _drop_bytecode(folder)


def _bytes_of(folder: Path, pattern: str) -> int:
    return sum(file.stat().st_size for file in folder.rglob(pattern) if file.is_file())


def _drop_bytecode(folder: Path) -> None:
    for cached in list(folder.rglob("__pycache__")):
        shutil.rmtree(cached)


def _unused(name: str) -> bool:
    return any(fnmatch.fnmatchcase(name, pattern) for pattern in UNUSED)


def _platform(target: Target) -> list[str]:
    if target.platform is None:
        return ["--python", sys.executable]
    return ["--python-version", target.python, "--python-platform", target.platform]


def _export(options: Sequence[str], root: Path) -> tuple[str, ...]:
    """One string per package: its version, marker and hashes."""
    text = _uv(["export", "--frozen", "--no-emit-project", "--no-header", "--no-annotate", *options], root)
    return tuple(text.replace("\\\n    ", "").splitlines())


def _uv(arguments: Sequence[str], root: Path) -> str:
    ran = subprocess.run(  # noqa: S603
        [uv.find_uv_bin(), *arguments], cwd=root, capture_output=True, text=True, check=False
    )
    if ran.returncode:
        raise PackagingError(f"uv {arguments[0]} failed; its last words were:\n{ran.stderr[-2000:]}")
    return ran.stdout


class PackagingError(RuntimeError):
    """A layer could not be resolved: the lock, the wheels or the network. The message says which."""
