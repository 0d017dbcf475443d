"""As much of Dockerfiles and dockerignore files as ours use."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatch
from pathlib import PurePosixPath


@dataclass(frozen=True)
class Instruction:
    name: str
    value: str

    @property
    def words(self) -> list[str]:
        """The exec form (a JSON array) or the words of the line."""
        if self.value.startswith("["):
            words: list[str] = json.loads(self.value)
            return words
        return shlex.split(self.value)

    @property
    def assignments(self) -> dict[str, str]:
        """What ENV sets; raises `ValueError` for a reference to another variable, which is not performed."""
        if "$" in self.value:
            raise ValueError(f"ENV with a variable: {self.value}")
        return dict(word.split("=", 1) for word in self.words)


def parse(text: str) -> list[Instruction]:
    """The instructions, continuation lines joined, comments dropped."""
    lines = [line for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#")]
    joined = "\n".join(lines).replace("\\\n", " ").splitlines()
    return [Instruction(*line.strip().split(maxsplit=1)) for line in joined]


def ignored(path: str, patterns: Sequence[str]) -> bool:
    """Whether dockerignore `patterns` leave `path` out of the context: the last one that matches decides."""
    result = False
    for pattern in patterns:
        if _matches(PurePosixPath(path), pattern.removeprefix("!")):
            result = not pattern.startswith("!")
    return result


def _matches(path: PurePosixPath, pattern: str) -> bool:
    return any(fnmatch(str(part), pattern) for part in (path, *path.parents) if part.name)
