"""Structured logs and metrics. What is logged is named field by field; requests, bodies and exceptions never are."""

import traceback
from collections.abc import Mapping
from typing import Any

from aws_lambda_powertools import Logger
from aws_lambda_powertools.metrics import MetricUnit, single_metric

from vitrine.kernel import metrics as names

logger = Logger()


def crash_fields(error: BaseException) -> dict[str, Any]:
    """An exception's type and where it was raised. Its message may quote a body or a URL, so it stays out."""
    frames = traceback.extract_tb(error.__traceback__)
    return {
        "error_type": type(error).__name__,
        "error_at": [f"{frame.filename.rsplit('/', 1)[-1]}:{frame.lineno} {frame.name}" for frame in frames[-8:]],
    }


def count(
    name: str,
    dimensions: Mapping[str, str],
    value: float = 1,
    unit: MetricUnit = MetricUnit.Count,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Emit one metric, in CloudWatch's embedded metric format, with its own dimensions. `metadata` is in the log line
    alone, for queries."""
    with single_metric(name=name, unit=unit, value=value, namespace=names.NAMESPACE) as metric:
        # Powertools adds the function's name as a dimension; ours are the same whichever function emits them.
        metric.service = ""
        for key, dimension in dimensions.items():
            metric.add_dimension(key, dimension)
        for key, text in (metadata or {}).items():
            metric.add_metadata(key, text)
