"""The machine that a zip is made for."""

import platform
import subprocess
import sys
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import uv


@dataclass(frozen=True)
class Target:
    """An interpreter on a platform. `platform` is in uv's words; None is the machine that this runs on."""

    python: str
    architecture: str
    platform: str | None

    @property
    def is_host(self) -> bool:
        return self.platform is None

    @property
    def tag(self) -> str:
        return f"py{self.python}-{self.platform or f'{sys.platform}-{self.architecture}'}"


LAMBDA = Target(python="3.14", architecture="arm64", platform="aarch64-manylinux_2_28")
LAMBDA_X86 = Target(python="3.14", architecture="x86_64", platform="x86_64-manylinux_2_28")


def host() -> Target:
    """The emulator's workers run with the interpreter that runs this, so its zips are made for it."""
    machine = platform.machine().lower()
    return Target(
        python=f"{sys.version_info.major}.{sys.version_info.minor}",
        architecture="arm64" if machine in {"arm64", "aarch64"} else "x86_64",
        platform=None,
    )


@cache
def compiler(target: Target) -> Path | None:
    """An interpreter of the target's version, which can write its bytecode; None when this machine has none."""
    if target.is_host:
        return Path(sys.executable)
    found = subprocess.run(  # noqa: S603
        [uv.find_uv_bin(), "python", "find", "--no-python-downloads", "--no-project", "--system", target.python],
        capture_output=True,
        text=True,
        check=False,
    )
    return Path(found.stdout.strip()) if found.returncode == 0 else None
