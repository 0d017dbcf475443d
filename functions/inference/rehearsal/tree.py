"""A root file system that is built from a Dockerfile with debootstrap, chroot and mounts of its own."""

import shlex
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from functions.inference.rehearsal.dockerfile import Instruction, ignored


@dataclass
class Tree:
    """`binds` are files and folders of this machine that the steps see; `build_environment` goes to RUN only."""

    root: Path
    context: Path
    mirror: str
    ignore: Sequence[str] = ()
    binds: Mapping[Path, str] = field(default_factory=dict)
    build_environment: Mapping[str, str] = field(default_factory=dict)
    environment: dict[str, str] = field(default_factory=dict)
    directory: str = "/"
    entry_point: list[str] = field(default_factory=list)
    arguments: list[str] = field(default_factory=list)

    def build(self, instructions: Sequence[Instruction]) -> Iterator[tuple[Instruction, float]]:
        """Perform the instructions in order; yields each with its seconds. Raises `KeyError` for one not known."""
        for instruction in instructions:
            started = time.perf_counter()
            STEPS[instruction.name](self, instruction)
            yield instruction, time.perf_counter() - started

    def command(self, argv: Sequence[str], environment: Mapping[str, str]) -> list[str]:
        """A command that runs `argv` in the tree, in mounts that end with it; the process becomes `argv`'s."""
        variables = [f"{name}={value}" for name, value in environment.items()]
        inside = ["env", "-i", *variables, "/bin/sh", "-c", f'cd {self.directory} && exec "$@"', "sh", *argv]
        script = " && ".join([*self._mounts(), shlex.join(["exec", "chroot", str(self.root), *inside])])
        return ["unshare", "--mount", "sh", "-c", script]

    def size_mb(self) -> float:
        output = subprocess.run(["du", "-sxm", str(self.root)], check=True, capture_output=True, text=True).stdout  # noqa: S603, S607
        return float(output.split()[0])

    def _mounts(self) -> Iterator[str]:
        yield f"mount -t proc proc {self.root}/proc"
        yield f"mount --rbind /dev {self.root}/dev && mount --rbind /sys {self.root}/sys"
        for source, target in self.binds.items():
            place = self.root / target.lstrip("/")
            make = f"mkdir -p {place}" if source.is_dir() else f"mkdir -p {place.parent} && touch {place}"
            yield f"{make} && mount --bind {source} {place}"

    def _from(self, instruction: Instruction) -> None:
        suite = instruction.value.removeprefix("debian:").removesuffix("-slim")
        _run(["debootstrap", "--variant=minbase", suite, str(self.root), self.mirror])
        # debootstrap keeps the packages that it installed from; Debian's images do not have them.
        for package in (self.root / "var/cache/apt/archives").glob("*.deb"):
            package.unlink()

    def _run(self, instruction: Instruction) -> None:
        environment = {**self.environment, **self.build_environment}
        _run(self.command(["/bin/sh", "-c", instruction.value], environment))

    def _copy(self, instruction: Instruction) -> None:
        *sources, target = instruction.words
        place = self.root / target.lstrip("/")
        for source in sources:
            single = (self.context / source).is_file() and not target.endswith("/")
            for path in self._files(source):
                within = Path() if single else path.relative_to(self._base(source))
                destination = place / within
                destination.parent.mkdir(parents=True, exist_ok=True)
                shutil.copyfile(path, destination)

    def _base(self, source: str) -> Path:
        path = self.context / source
        return path if path.is_dir() else path.parent

    def _files(self, source: str) -> list[Path]:
        path = self.context / source
        found = [path] if path.is_file() else [one for one in path.rglob("*") if one.is_file()]
        return [one for one in found if not ignored(str(one.relative_to(self.context)), self.ignore)]

    def _env(self, instruction: Instruction) -> None:
        self.environment |= instruction.assignments

    def _workdir(self, instruction: Instruction) -> None:
        self.directory = instruction.value
        (self.root / self.directory.lstrip("/")).mkdir(parents=True, exist_ok=True)

    def _entry(self, instruction: Instruction) -> None:
        self.entry_point = instruction.words

    def _cmd(self, instruction: Instruction) -> None:
        self.arguments = instruction.words

    def _declare(self, instruction: Instruction) -> None:
        """EXPOSE and LABEL describe the image and do nothing to it."""


def _run(command: Sequence[str]) -> None:
    """Standard output is for the figures; what the steps print goes to standard error."""
    subprocess.run(command, check=True, stdout=sys.stderr)  # noqa: S603


STEPS: dict[str, Callable[[Tree, Instruction], None]] = {
    "FROM": Tree._from,
    "RUN": Tree._run,
    "COPY": Tree._copy,
    "ENV": Tree._env,
    "WORKDIR": Tree._workdir,
    "ENTRYPOINT": Tree._entry,
    "CMD": Tree._cmd,
    "EXPOSE": Tree._declare,
    "LABEL": Tree._declare,
}
