"""Accepted invocations, one after the other, from the input object to the output object and the SNS message."""

import asyncio
import json
import logging
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TypeVar

import httpx
from botocore.exceptions import BotoCoreError, ClientError

from functions.inference.logs import log
from infra.local.endpoint.cloud import may_pass, publish, read_object, write_object
from infra.local.endpoint.config import HostConfig
from infra.local.endpoint.container import Container
from infra.local.endpoint.notification import Outcome, failure_reason, notification, trial
from infra.local.endpoint.spool import Invocation, Spool

QUEUE_LIMIT = 1000
RETRY_AFTER_S = (0.2, 1.0, 3.0, 10.0)

EXPIRED = Outcome("ClientError: The request expired before an instance could process it.")
NO_INPUT = Outcome("ClientError: The input could not be read from its location.")
TIMED_OUT = Outcome("ClientError: Your invocation timed out while waiting for a response from the container.")
DIED = Outcome("ClientError: The container ended before it answered.")

T = TypeVar("T")


class QueueFull(Exception):
    pass


class Deliveries:
    """A queue of accepted invocations and the one at work; both stay in the spool until their message is out.

    A host that dies between the message and the spool repeats the invocation: at least once, as with SageMaker.
    """

    def __init__(self, spool: Spool, container: Container, config: Callable[[], HostConfig]) -> None:
        self._spool = spool
        self._container = container
        self._config = config
        self._queue: asyncio.Queue[Invocation] = asyncio.Queue(QUEUE_LIMIT)
        self.running = 0
        for invocation in spool.unfinished()[:QUEUE_LIMIT]:
            self._queue.put_nowait(invocation)

    @property
    def queued(self) -> int:
        return self._queue.qsize()

    def accept(self, invocation: Invocation) -> None:
        """Kept when this returns; raises `QueueFull`."""
        if self._queue.full():
            raise QueueFull
        self._spool.add(invocation)
        self._queue.put_nowait(invocation)

    async def run(self) -> None:
        """Deliver until cancelled."""
        while True:
            invocation = await self._queue.get()
            self.running = 1
            try:
                await self._deliver(invocation)
            except Exception:
                fields = {"inference_id": invocation.inference_id}
                log("delivery failed", fields, level=logging.ERROR, traceback=True)
            self._spool.remove(invocation)
            self.running = 0

    async def _deliver(self, invocation: Invocation) -> None:
        outcome = await self._outcome(invocation)
        await _until_answered(invocation, lambda: _store(self._config(), invocation, outcome))
        await _until_answered(invocation, lambda: _notify(self._config(), invocation, outcome))
        fields = {"inference_id": invocation.inference_id, "failure": outcome.failure}
        log("delivered", fields, level=logging.WARNING if outcome.failure else logging.INFO)

    async def _outcome(self, invocation: Invocation) -> Outcome:
        try:
            async with asyncio.timeout(_seconds_left(invocation)):
                await self._until_ready()
                location = invocation.input_location
                body = await _until_answered(invocation, lambda: read_object(self._config(), location))
        except TimeoutError:
            return EXPIRED
        except (BotoCoreError, ClientError):
            return NO_INPUT
        return await self._invoke(invocation, body)

    async def _until_ready(self) -> None:
        while not await self._container.ready():
            await asyncio.sleep(0.1)

    async def _invoke(self, invocation: Invocation, body: bytes) -> Outcome:
        try:
            answer = await self._container.invoke(body, _headers(invocation), invocation.timeout_s)
        except httpx.TimeoutException:
            return TIMED_OUT
        except httpx.TransportError:
            return DIED
        content_type = answer.headers.get("content-type", "application/octet-stream")
        return Outcome(failure_reason(answer.status_code), answer.content, content_type)


async def _until_answered(invocation: Invocation, call: Callable[[], T]) -> T:
    """`call`'s answer, tried again while the cloud does not answer; raises a definite error, or the last one."""
    tries = 0
    while True:
        try:
            return await asyncio.to_thread(call)
        except (BotoCoreError, ClientError) as error:
            if not may_pass(error) or _seconds_left(invocation) <= 0:
                raise
            await asyncio.sleep(RETRY_AFTER_S[min(tries, len(RETRY_AFTER_S) - 1)])
            tries += 1


def _store(config: HostConfig, invocation: Invocation, outcome: Outcome) -> None:
    location = invocation.failure_location if outcome.failure else invocation.output_location
    if location and outcome.body:
        write_object(config, location, outcome.body, outcome.content_type)


def _notify(config: HostConfig, invocation: Invocation, outcome: Outcome) -> None:
    topic = config.error_topic if outcome.failure else config.success_topic
    if topic:
        publish(config, topic, json.dumps(notification(invocation, outcome, config, datetime.now(UTC))))


def try_topics(config: HostConfig) -> None:
    """Publish SageMaker's trial message. Raises what the cloud raises."""
    for topic in filter(None, (config.success_topic, config.error_topic)):
        publish(config, topic, trial(config))


def _headers(invocation: Invocation) -> dict[str, str]:
    headers = {
        "Content-Type": invocation.content_type,
        "Accept": invocation.accept,
        "X-Amzn-SageMaker-Custom-Attributes": invocation.custom_attributes,
        "X-Amzn-SageMaker-Inference-Id": invocation.inference_id,
    }
    return {name: value for name, value in headers.items() if value is not None}


def _seconds_left(invocation: Invocation) -> float:
    expires = invocation.received_at + timedelta(seconds=invocation.ttl_s)
    return (expires - datetime.now(UTC)).total_seconds()
