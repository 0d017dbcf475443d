"""Bytecode for zips: `/opt` and `/var/task` are read-only, so without it every cold start compiles what it imports.

It is hash-based and unchecked (PEP 552), since a zip does not keep the times that the default kind is checked by.
"""

import os
import shutil
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath

from infra.packaging.target import Target, compiler


def compile_tree(folder: Path, interpreter: Path) -> None:
    """Write bytecode beside every module in the folder; what does not compile goes without."""
    subprocess.run(  # noqa: S603
        [interpreter, "-m", "compileall", "-qq", "--invalidation-mode", "unchecked-hash", "-s", folder, folder],
        check=False,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPYCACHEPREFIX"},
    )


class Bytecode:
    """Each source file's bytecode for one target, kept by name and content: the zips share most of their files."""

    def __init__(self, target: Target, cache: Path) -> None:
        self.interpreter = compiler(target)
        self._suffix = f"cpython-{target.python.replace('.', '')}.pyc"
        self._kept = cache / "bytecode" / target.tag

    def prepare(self, files: Mapping[str, tuple[str, Path]]) -> None:
        """Compile what is not kept yet, in one run of the interpreter. `files`: digest and path by name in a zip."""
        lacking = {name: path for name, (digest, path) in files.items() if not self._place(name, digest).exists()}
        if self.interpreter and lacking:
            self._kept.mkdir(parents=True, exist_ok=True)
            with tempfile.TemporaryDirectory(dir=self._kept) as work:
                for name, path in lacking.items():
                    (Path(work) / name).parent.mkdir(parents=True, exist_ok=True)
                    shutil.copyfile(path, Path(work) / name)
                compile_tree(Path(work), self.interpreter)
                for name in lacking:
                    os.replace(Path(work) / self.name(name), self._place(name, files[name][0]))

    def of(self, name: str, digest: str) -> Path | None:
        place = self._place(name, digest)
        return place if self.interpreter and place.exists() else None

    def name(self, source: str) -> str:
        """Where Python looks for the bytecode of a source file."""
        path = PurePosixPath(source)
        return str(path.parent / "__pycache__" / f"{path.stem}.{self._suffix}")

    def _place(self, name: str, digest: str) -> Path:
        return self._kept / f"{name.replace('/', '.')}-{digest}.pyc"
