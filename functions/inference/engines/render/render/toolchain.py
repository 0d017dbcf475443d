"""Finding, or fetching without root, an LLVM that Dr.Jit can use.

Dr.Jit needs the C API of libLLVM 17 or newer; with 15 and 16 it aborts the process in the first kernel, so that every
candidate is tried in a child process. Debian's libllvm19 is what was tested.
"""

import fcntl
import hashlib
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import version
from pathlib import Path

OLDEST, TESTED = 17, 19
LIBRARY_FOLDERS = ("/usr/lib", "/usr/lib64", "/usr/local/lib", "/opt", "/usr/lib/llvm-*/lib", "/usr/lib/*-linux-gnu")
PACKAGES = ("libllvm19", "libllvm20", "libllvm18", "libllvm17", "libllvm21", "libllvm17t64")
PROBE_TIMEOUT_S = 120
APT_TIMEOUT_S = 300
PROBE = """
import mitsuba as mi
mi.set_variant("llvm_ad_rgb")
box = mi.load_dict({"type": "scene", "integrator": {"type": "path"}, "shape": {"type": "sphere"},
    "light": {"type": "constant"}, "sensor": {"type": "perspective", "to_world":
    mi.ScalarTransform4f().look_at([0, 0, 5], [0, 0, 0], [0, 1, 0]),
    "film": {"type": "hdrfilm", "width": 4, "height": 4}}})
import numpy
assert float(numpy.array(mi.render(box, spp=1)).mean()) > 0
"""

Progress = Callable[[str, float], None]


def cache_folder() -> Path:
    """Where libraries and compiled kernels are kept: VITRINE_CACHE, else the user's cache, else a temporary folder."""
    chosen = Path(os.environ.get("VITRINE_CACHE") or Path(os.environ.get("HOME") or "/nonexistent") / ".cache/vitrine")
    try:
        chosen.mkdir(parents=True, exist_ok=True)
        if os.access(chosen, os.W_OK):
            return chosen
    except OSError:
        pass
    fallback = Path(tempfile.gettempdir()) / f"vitrine-cache-{os.getuid()}"
    fallback.mkdir(mode=0o700, exist_ok=True)
    return fallback


def major_version(path: Path) -> int | None:
    """The LLVM version in a library's file name, such as libLLVM-19.so.1 or libLLVM.so.19.1."""
    found = re.fullmatch(r"libLLVM(?:-(\d+)[^/]*\.so.*|\.so\.(\d+).*)", path.name)
    return int(found[1] or found[2]) if found else None


def _fetched_tree() -> Path:
    return cache_folder() / "llvm"


def _usable(paths: Iterator[Path]) -> list[Path]:
    """Libraries new enough, the tested version first, one name per file."""
    by_file: dict[Path, Path] = {}
    for path in paths:
        found = major_version(path)
        if found is not None and found >= OLDEST and path.is_file():
            by_file.setdefault(path.resolve(), path)
    return sorted(by_file.values(), key=lambda p: (abs((major_version(p) or 0) - TESTED), str(p)))


def installed() -> list[Path]:
    """Libraries of this system that may do."""
    return _usable(path for folder in LIBRARY_FOLDERS for path in Path("/").glob(f"{folder[1:]}/libLLVM*.so*"))


def fetched() -> list[Path]:
    """Libraries that an earlier run unpacked into the cache."""
    return _usable(_fetched_tree().glob("**/libLLVM*.so*"))


def environment(library: Path | None) -> dict[str, str]:
    """What a process that renders with `library` needs in its environment."""
    kernels = Path(os.environ.get("DRJIT_CACHE_DIR") or cache_folder() / "drjit")
    kernels.mkdir(parents=True, exist_ok=True)
    env = {**os.environ, "DRJIT_CACHE_DIR": str(kernels)}
    if library is not None:
        env["DRJIT_LIBLLVM_PATH"] = str(library)
        if _fetched_tree() in library.parents:
            env["LD_LIBRARY_PATH"] = ":".join([*_library_folders(), os.environ.get("LD_LIBRARY_PATH", "")]).strip(":")
    return env


def _library_folders() -> list[str]:
    return sorted({str(path.parent) for path in _fetched_tree().glob("**/*.so*")})


def _passed_marker(library: Path) -> Path:
    stat = library.stat()
    key = f"{library.resolve()} {stat.st_size} {stat.st_mtime_ns} {version('mitsuba')} {version('drjit')}"
    return cache_folder() / f"probed-{hashlib.sha256(key.encode()).hexdigest()[:16]}"


def works(library: Path) -> bool:
    """Whether a tiny render with `library` succeeds in a child process; a success is remembered."""
    marker = _passed_marker(library)
    if marker.exists():
        return True
    command = [sys.executable, "-c", PROBE]
    try:
        done = subprocess.run(  # noqa: S603
            command, env=environment(library), capture_output=True, timeout=PROBE_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return False
    if done.returncode == 0:
        marker.touch()
    return done.returncode == 0


def _first_working(libraries: Sequence[Path]) -> Path | None:
    return next((library for library in libraries if works(library)), None)


@contextmanager
def _alone() -> Iterator[None]:
    """One fetch at a time on this machine."""
    with (cache_folder() / "llvm.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def _run(command: Sequence[str], cwd: Path) -> subprocess.CompletedProcess[str] | None:
    try:
        return subprocess.run(  # noqa: S603
            command, cwd=cwd, capture_output=True, text=True, timeout=APT_TIMEOUT_S, check=False
        )
    except (OSError, subprocess.TimeoutExpired):
        return None


def _apt_options(state: Path) -> list[str]:
    """apt with its lists and caches in a folder of our own, so that no root is needed."""
    for name in ("lists/partial", "archives/partial"):
        (state / name).mkdir(parents=True, exist_ok=True)
    settings = {
        "Dir::State::lists": state / "lists",
        "Dir::Cache": state,
        "Dir::Cache::archives": state / "archives",
        "Dir::State::status": "/var/lib/dpkg/status",
        "Debug::NoLocking": "true",
        "APT::Sandbox::User": "",
    }
    return [part for name, value in settings.items() for part in ("-o", f"{name}={value}")]


def _dependencies(package: str, options: list[str], cwd: Path) -> list[str]:
    """`package` and what it needs that is not installed."""
    flags = [f"--no-{kind}" for kind in ("recommends", "suggests", "conflicts", "breaks", "replaces", "enhances")]
    listed = _run(["apt-cache", *options, "depends", "--recurse", *flags, package], cwd)
    names = re.findall(r"^([a-z0-9][a-z0-9.+-]*)$", listed.stdout, re.MULTILINE) if listed else []
    have = _run(["dpkg-query", "-W", "-f", "${Package} ${db:Status-Status}\n"], cwd)
    present = set(re.findall(r"^(\S+) installed$", have.stdout, re.MULTILINE)) if have else set()
    return [package, *(n for n in dict.fromkeys(names) if n != package and n not in present and n != "libc6")]


def _download(package: str, options: list[str], cwd: Path) -> bool:
    got = [_run(["apt-get", *options, "download", name], cwd) for name in _dependencies(package, options, cwd)]
    return bool(got[0] and got[0].returncode == 0)


def _fetch_package(work: Path, progress: Progress) -> bool:
    """Download one of PACKAGES, by the system's package lists or else by fresh ones, and unpack it into the cache."""
    private = _apt_options(work / "apt")
    for share, options in ((0.1, list[str]()), (0.3, private)):
        progress("fetch llvm", share)
        if options:
            _run(["apt-get", *options, "update"], work)
        for package in PACKAGES:
            if _download(package, options, work):
                progress("fetch llvm", 0.8)
                return _unpack(work)
    return False


def _unpack(work: Path) -> bool:
    tree = _fetched_tree()
    tree.mkdir(parents=True, exist_ok=True)
    done = [_run(["dpkg-deb", "-x", str(deb), str(tree)], work) for deb in sorted(work.glob("*.deb"))]
    return bool(done) and all(d is not None and d.returncode == 0 for d in done)


def _fetch(progress: Progress) -> Path | None:
    if not shutil.which("apt-get") or not shutil.which("dpkg-deb"):
        return None
    with _alone():
        if ready := _first_working(fetched()):
            return ready
        with tempfile.TemporaryDirectory(dir=cache_folder()) as work:
            if not _fetch_package(Path(work), progress):
                return None
        return _first_working(fetched())


def _explicit() -> list[Path]:
    given = os.environ.get("VITRINE_LIBLLVM")
    return [Path(given)] if given and Path(given).is_file() else []


def ensure_llvm(progress: Progress = lambda _step, _share: None) -> Path | None:
    """A libLLVM that renders here: the one named by VITRINE_LIBLLVM, one that is installed, or one fetched now.

    None when there is none to be had; the renderer then works without, about fifteen times slower. Uses the network
    only when nothing on this machine works.
    """
    progress("find llvm", 0.0)
    found = _first_working([*_explicit(), *fetched(), *installed()]) or _fetch(progress)
    progress("find llvm", 1.0)
    return found
