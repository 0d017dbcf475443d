"""SageMaker Runtime on loopback: the container's own app behind InvokeEndpoint and InvokeEndpointAsync.

    python -m infra.local.endpoint.host --port PORT --config FILE

- `POST /endpoints/NAME/invocations` hands the body to the container and its answer back, byte for byte.
- `POST /endpoints/NAME/async-invocations` answers 202 with the inference id and the output location; then reads the
  input object, invokes, writes the output (or failure) object and publishes SageMaker's message to SNS.
- `POST /` with `X-Amz-Target: SageMaker.DescribeEndpoint`, which is the control plane's, answers the endpoint's status:
  `InService` once the container is ready, `Creating` before.
- Topics that FILE names for the first time each get SageMaker's trial message, which is about no inference.
- `GET /health` answers 200 as soon as the host listens, with `status` `starting` or `ready` and the queue's length.

FILE is read for every request (see `endpoint.config.HostConfig` for its keys) and may be missing until the stack is
deployed; an endpoint that it does not name answers as SageMaker answers for an unknown one. Write it with a rename.
The container starts once FILE names `cloud_endpoint`. What was accepted and not finished lies in `endpoint-spool/`
beside FILE and is resumed at the next start. Credentials come from the AWS_* variables.

Requests are signed (SigV4) by every SDK and the signature is NOT verified: the host listens on 127.0.0.1 only, and
whoever can reach it can read the credentials it runs with.
"""

import argparse
import asyncio
import contextlib
import json
import re
import uuid
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from pathlib import Path

import httpx
import uvicorn
from botocore.exceptions import BotoCoreError, ClientError
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from functions.inference.logs import configure
from infra.local.endpoint.config import HostConfig, read_config
from infra.local.endpoint.container import SERVE, Container
from infra.local.endpoint.delivery import Deliveries, QueueFull, try_topics
from infra.local.endpoint.spool import Invocation, Spool

HEADER = "X-Amzn-SageMaker-"
BODY_LIMIT = 6_291_456
"""Bytes of a synchronous request, from the API's model."""
SYNC_TIMEOUT_S = 60.0
"""What SageMaker gives a container to answer InvokeEndpoint."""
TTL_S, TTL_RANGE_S = 21_600, (60, 21_600)
TIMEOUT_S, TIMEOUT_RANGE_S = 900, (1, 3_600)
"""Defaults and ranges of RequestTTLSeconds and InvocationTimeoutSeconds, from the API's reference and model."""
LOCATION = re.compile(r"s3://[^/]+/.+")
FORWARDED = ("Content-Type", "Accept", HEADER + "Custom-Attributes", HEADER + "Inference-Id")


class Refused(Exception):
    """An error of the SageMaker Runtime API."""

    def __init__(self, status: int, code: str, message: str, **fields: object) -> None:
        super().__init__(code)
        self.response = JSONResponse({"Message": message, **fields}, status, {"x-amzn-errortype": code})


@dataclass(frozen=True)
class Host:
    config_file: Path
    container: Container
    deliveries: Deliveries

    def config(self) -> HostConfig:
        """The configuration as it is now; the container follows it."""
        config = read_config(self.config_file)
        if config.cloud_endpoint:
            self.container.use({"AWS_ENDPOINT_URL": config.cloud_endpoint, "AWS_REGION": config.region})
        return config


def create_app(config_file: Path, command: Sequence[str] = SERVE) -> Starlette:
    """The host's app; `command` starts the container."""

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        host = app.state.host = _open(config_file, command)
        tasks = [asyncio.create_task(work) for work in (host.container.run(), host.deliveries.run(), _follow(host))]
        yield
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    return Starlette(
        routes=[
            Route("/health", health, methods=["GET"]),
            Route("/", describe, methods=["POST"]),
            Route("/endpoints/{name}/invocations", invoke, methods=["POST"]),
            Route("/endpoints/{name}/async-invocations", invoke_async, methods=["POST"]),
        ],
        exception_handlers={Refused: _refusal, Exception: _internal_failure},
        lifespan=lifespan,
    )


async def health(request: Request) -> Response:
    host: Host = request.app.state.host
    status = "ready" if await host.container.ready() else "starting"
    deliveries = host.deliveries
    return JSONResponse({"status": status, "queued": deliveries.queued, "running": deliveries.running})


async def describe(request: Request) -> Response:
    """DescribeEndpoint of the SageMaker API, the endpoint's status alone."""
    host: Host = request.app.state.host
    if request.headers.get("X-Amz-Target") != "SageMaker.DescribeEndpoint":
        raise _control_refused("UnknownOperationException", "Of the control plane there is DescribeEndpoint alone.")
    name = json.loads(await _body(request)).get("EndpointName")
    if name not in host.config().endpoint_names:
        raise _control_refused("ValidationException", f'Could not find endpoint "{name}".')
    status = "InService" if await host.container.ready() else "Creating"
    return JSONResponse({"EndpointName": name, "EndpointStatus": status}, media_type="application/x-amz-json-1.1")


async def invoke(request: Request) -> Response:
    """InvokeEndpoint."""
    host: Host = request.app.state.host
    _endpoint(request, host.config())
    if not await host.container.ready():
        raise Refused(429, "ModelNotReadyException", "The model is not ready for inference yet.")
    headers = {name: request.headers[name] for name in FORWARDED if name in request.headers}
    answer = await _invoke(host.container, await _body(request), headers)
    if not answer.is_success:
        raise _model_error(answer.status_code, answer.text)
    content_type = answer.headers.get("content-type", "application/octet-stream")
    variant = {"Content-Type": content_type, "x-Amzn-Invoked-Production-Variant": "AllTraffic"}
    return Response(answer.content, headers=variant)


async def invoke_async(request: Request) -> Response:
    """InvokeEndpointAsync."""
    host: Host = request.app.state.host
    config = host.config()
    invocation = _accepted(request.headers, _endpoint(request, config), config)
    try:
        host.deliveries.accept(invocation)
    except QueueFull as full:
        raise Refused(503, "ServiceUnavailable", "Too many requests are waiting; try again later.") from full
    locations = {
        HEADER + "OutputLocation": invocation.output_location,
        HEADER + "FailureLocation": invocation.failure_location,
    }
    headers = {name: value for name, value in locations.items() if value}
    return JSONResponse({"InferenceId": invocation.inference_id}, 202, headers)


def _open(config_file: Path, command: Sequence[str]) -> Host:
    container = Container(command)
    spool = Spool(config_file.parent / "endpoint-spool")
    deliveries = Deliveries(spool, container, partial(read_config, config_file))
    return Host(config_file, container, deliveries)


async def _follow(host: Host) -> None:
    """Start the container before the first request, move it when the cloud has moved, and try topics that are new."""
    tried: HostConfig | None = None
    while True:
        with contextlib.suppress(ValueError, BotoCoreError, ClientError):
            config = host.config()
            if config != tried:
                await asyncio.to_thread(try_topics, config)
                tried = config
        await asyncio.sleep(0.5)


def _endpoint(request: Request, config: HostConfig) -> str:
    name: str = request.path_params["name"]
    if name not in config.endpoint_names:
        raise Refused(400, "ValidationError", f"Endpoint {name} not found.")
    return name


def _accepted(headers: Mapping[str, str], endpoint: str, config: HostConfig) -> Invocation:
    if not config.output_uri:
        raise Refused(400, "ValidationError", f"Endpoint {endpoint} has no AsyncInferenceConfig.")
    location = headers.get(HEADER + "InputLocation", "")
    if not LOCATION.fullmatch(location):
        raise Refused(400, "ValidationError", "InputLocation is not the S3 URI of an object.")
    name = str(uuid.uuid4())
    return Invocation(
        id=name,
        inference_id=_inference_id(headers),
        endpoint_name=endpoint,
        input_location=location,
        output_location=f"{config.output_uri.rstrip('/')}/{name}.out",
        failure_location=config.failure_uri and f"{config.failure_uri.rstrip('/')}/{name}-error.out",
        content_type=headers.get(HEADER + "Content-Type"),
        accept=headers.get(HEADER + "Accept"),
        custom_attributes=headers.get(HEADER + "Custom-Attributes"),
        received_at=datetime.now(UTC),
        ttl_s=_seconds(headers, "RequestTTLSeconds", TTL_S, TTL_RANGE_S),
        timeout_s=_seconds(headers, "InvocationTimeoutSeconds", TIMEOUT_S, TIMEOUT_RANGE_S),
    )


def _inference_id(headers: Mapping[str, str]) -> str:
    given = headers.get(HEADER + "Inference-Id")
    if given is not None and not 1 <= len(given) <= 64:
        raise Refused(400, "ValidationError", "InferenceId has 1 to 64 characters.")
    return given or str(uuid.uuid4())


def _seconds(headers: Mapping[str, str], name: str, default: int, allowed: tuple[int, int]) -> int:
    text = headers.get(HEADER + name, str(default))
    if not text.isdecimal() or not allowed[0] <= int(text) <= allowed[1]:
        raise Refused(400, "ValidationError", f"{name} is between {allowed[0]} and {allowed[1]}.")
    return int(text)


async def _body(request: Request) -> bytes:
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > BODY_LIMIT:
            raise Refused(413, "ValidationError", f"The body is larger than {BODY_LIMIT} bytes.")
    return bytes(body)


async def _invoke(container: Container, body: bytes, headers: dict[str, str]) -> httpx.Response:
    try:
        return await container.invoke(body, headers, SYNC_TIMEOUT_S)
    except httpx.TimeoutException as error:
        raise _model_error(0, "Your invocation timed out while waiting for a response from the container.") from error
    except httpx.TransportError as error:
        raise _model_error(500, "The container ended before it answered.") from error


def _model_error(status: int, text: str) -> Refused:
    who = "client" if 400 <= status < 500 else "server"
    message = f'Received {who} error ({status}) from model with message "{text}".'
    return Refused(424, "ModelError", message, OriginalStatusCode=status, OriginalMessage=text)


def _control_refused(code: str, message: str) -> Refused:
    """The control plane speaks JSON 1.1, which names an error in its body."""
    return Refused(400, code, message, __type=code)


async def _refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refused)
    return error.response


async def _internal_failure(request: Request, error: Exception) -> Response:
    return Refused(500, "InternalFailure", "The endpoint host failed.").response


def main(arguments: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(prog="infra.local.endpoint.host", description=__doc__.split("\n", 1)[0])
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--config", type=Path, required=True)
    options = parser.parse_args(arguments)
    configure()
    app = create_app(options.config)
    uvicorn.run(
        app, host="127.0.0.1", port=options.port, log_config=None, access_log=False, timeout_graceful_shutdown=2
    )


if __name__ == "__main__":
    main()
