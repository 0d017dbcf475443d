"""The endpoint host's configuration file, which `vitrine up` rewrites after every deploy."""

import json
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict

NotificationTopic = Literal["SUCCESS_NOTIFICATION_TOPIC", "ERROR_NOTIFICATION_TOPIC"]


class HostConfig(BaseModel):
    """Every key may be unknown before the first deploy.

    `output_uri` and `failure_uri` are SageMaker's S3OutputPath and S3FailurePath, `include_response_in` its
    IncludeInferenceResponseIn.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    cloud_endpoint: str | None = None
    region: str = "us-east-1"
    staging_endpoint_name: str | None = None
    qc_endpoint_name: str | None = None
    output_uri: str | None = None
    failure_uri: str | None = None
    success_topic: str | None = None
    error_topic: str | None = None
    include_response_in: tuple[NotificationTopic, ...] = ()

    @property
    def endpoint_names(self) -> frozenset[str]:
        return frozenset(filter(None, (self.staging_endpoint_name, self.qc_endpoint_name)))


def read_config(path: Path) -> HostConfig:
    """What the file holds now; all unknown when it does not exist yet."""
    try:
        return HostConfig.model_validate(json.loads(path.read_text()))
    except FileNotFoundError:
        return HostConfig()
