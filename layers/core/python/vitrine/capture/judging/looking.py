"""The endpoint `qc` looks at some frames of a set: where the vehicle is, and where its plates are."""

from datetime import datetime, timedelta

from botocore.exceptions import BotoCoreError, ClientError

from vitrine.assets import originals
from vitrine.capture.frames import keys
from vitrine.capture.judging.models import Chunk
from vitrine.contracts.inference import FrameProblem, FrameToLookAt, SeenFrame, VehicleRequest, VehicleResult
from vitrine.contracts.message import ObjectLocation
from vitrine.kernel import clients

ANSWERS_WITHIN = timedelta(seconds=58)
"""A serverless endpoint answers within 60 s (SageMaker, InvokeEndpoint)."""

_SEEN = (None, FrameProblem.NO_VEHICLE)


class EndpointUnavailable(Exception):
    """The endpoint took no request, or gave no answer. Its name is a Step Functions error name."""


def look(chunk: Chunk, endpoint: str, bucket: str, now: datetime) -> int:
    """Have frames looked at, keep what was seen of each, and say how many could be read. That nothing stands out on a
    frame is an answer too: its plates are known.

    Idempotency key: the frames, of which the last view stays. Raises `EndpointUnavailable`, `StorageUnavailable`.
    """
    seen = _ask(_request(chunk, bucket, now), endpoint).frames
    views = {_view_key(chunk, frame): frame.model_dump_json().encode() for frame in seen if frame.problem in _SEEN}
    originals.store(views, bucket, "application/json")
    return len(views)


def _request(chunk: Chunk, bucket: str, now: datetime) -> VehicleRequest:
    return VehicleRequest(
        job_id=chunk.job_id,
        frames=tuple(
            FrameToLookAt(id=frame.id, photo=ObjectLocation(bucket=bucket, key=frame.key)) for frame in chunk.frames
        ),
        output=ObjectLocation(bucket=bucket, key=f"{keys.set_folder(chunk.tenant, chunk.session_id)}masks/"),
        deadline=now + ANSWERS_WITHIN,
    )


def _ask(request: VehicleRequest, endpoint: str) -> VehicleResult:
    try:
        answer = clients.patient_sagemaker_runtime().invoke_endpoint(
            EndpointName=endpoint, ContentType="application/json", Body=request.model_dump_json()
        )
        return VehicleResult.model_validate_json(answer["Body"].read())
    except (ClientError, BotoCoreError) as error:
        raise EndpointUnavailable from error


def _view_key(chunk: Chunk, frame: SeenFrame) -> str:
    return keys.view_key(chunk.tenant, chunk.session_id, frame.id)
