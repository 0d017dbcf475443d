"""Crash a deployed function at its worst moment, once, by what is deployed and nothing else: see `dying_handler`."""

import io
import json
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

import httpx

from infra.local import emulator
from tests.support.backstage import Backstage
from tests.support.patience import until

WRAPPER = Path(__file__).with_name("dying_handler.py")


@dataclass(frozen=True)
class Death:
    """What became of a planned death; `function` is as in `Backstage.invoke`."""

    backstage: Backstage
    function: str
    mark: str

    @property
    def event(self) -> Any:
        """What the function was handling when it died. Waits for that."""
        return json.loads(until(self._recorded, what=f"{self.function} to die")["event"]["S"])

    def deliver_again(self) -> None:
        """The same event once more, as AWS does by itself for SNS and EventBridge; done when this returns."""
        assert not self.backstage.invoke(self.function, self.event).failed

    def _recorded(self) -> Any:
        return self.backstage.item("guard", self.mark, "DEATH")


@contextmanager
def dying(backstage: Backstage, function: str, moment: str, only: str) -> Iterator[Death]:
    """Within the block, `function` dies at `moment` when it first handles an event that contains `only`; it must.

    A moment is "before OPERATION" or "after OPERATION" of an AWS API that the function calls, or "at the end", when
    all is done and nobody was told.
    """
    name = backstage.name_of(function)
    was = backstage.aws("lambda").get_function(FunctionName=name)
    code = httpx.get(was["Code"]["Location"], trust_env=False).raise_for_status().content
    death = Death(backstage, function, f"DEATH#{uuid4()}")
    plan = {
        "handler": was["Configuration"]["Handler"],
        "moment": moment,
        "only": only,
        "mark": death.mark,
        "table": backstage.table("guard"),
        "key_id": emulator.CREDENTIALS["AWS_ACCESS_KEY_ID"],
        "secret": emulator.CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
    }
    _deploy(backstage, name, _with_wrapper(code, plan), "dying_handler.handler")
    try:
        with backstage.published(name):
            yield death
            assert death.event, "it died, and not of being replaced"
    finally:
        _deploy(backstage, name, code, plan["handler"])


def _deploy(backstage: Backstage, name: str, code: bytes, handler: str) -> None:
    # AWS would want a wait between the two; the emulator takes both at once, and a wait costs half a second. A change
    # that comes while another settles may take a starting worker's files away, though.
    backstage.settle(name)
    backstage.aws("lambda").update_function_code(FunctionName=name, ZipFile=code)
    backstage.aws("lambda").update_function_configuration(FunctionName=name, Handler=handler)


def _with_wrapper(code: bytes, plan: dict[str, str]) -> bytes:
    changed = io.BytesIO(code)
    with zipfile.ZipFile(changed, "a") as archive:
        archive.write(WRAPPER, WRAPPER.name)
        archive.writestr("dying_plan.json", json.dumps(plan))
    return changed.getvalue()
