"""Long steps on the terminal: bars where there is one, plain lines where there is not."""

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, TextIO, TypeVar

if TYPE_CHECKING:
    from rich.progress import Progress as RichProgress
    from rich.progress import TaskID

Result = TypeVar("Result")


class Step:
    """One running step; `at` moves its bar."""

    def __init__(self, bars: "RichProgress | None" = None, task: "TaskID | None" = None) -> None:
        self._bars = bars
        self._task = task

    def at(self, done: float, total: float, note: str = "") -> None:
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, completed=done, total=total, note=note)

    def note(self, text: str) -> None:
        if self._bars is not None and self._task is not None:
            self._bars.update(self._task, note=text)


class Progress:
    """Shows steps as they run and remembers how long each took (`seconds`, by the step's name)."""

    def __init__(self, stream: TextIO | None = None) -> None:
        self.stream = stream or sys.stderr
        self.seconds: dict[str, float] = {}

    @contextmanager
    def step(self, name: str) -> Iterator[Step]:
        began = time.monotonic()
        with self._bar(name) as step:
            yield step
        self.seconds[name] = round(time.monotonic() - began, 3)
        self.say(f"  done  {name} ({self.seconds[name]:.1f} s)")

    def in_background(self, name: str, work: Callable[[], Result]) -> Result:
        """Do `work` on a thread while steps run: it has no bar, and `seconds` leaves it out."""
        began = time.monotonic()
        result = work()
        seconds = round(time.monotonic() - began, 1)
        self.say(f"  done  {name} ({seconds:.1f} s, in the background)")
        return result

    def say(self, line: str) -> None:
        print(line, file=self.stream, flush=True)

    @contextmanager
    def _bar(self, name: str) -> Iterator[Step]:
        if not self.stream.isatty():
            self.say(f"  ...   {name}")
            yield Step()
            return
        with _bars(self.stream) as bars:
            yield Step(bars, bars.add_task(name, total=None, note=""))


class Silent(Progress):
    """Measures only."""

    def say(self, line: str) -> None:
        pass

    @contextmanager
    def _bar(self, name: str) -> Iterator[Step]:
        yield Step()


def _bars(stream: TextIO) -> "RichProgress":
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as RichProgress

    return RichProgress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        TimeElapsedColumn(),
        TextColumn("{task.fields[note]}", style="dim"),
        console=Console(file=stream),
        transient=True,
    )
