"""JSON log lines on standard output: an event's name and its fields, never a body, a key's signature or a token."""

import json
import logging
import sys
from collections.abc import Mapping
from datetime import UTC, datetime

LOGGER = logging.getLogger("vitrine.inference")


class JsonLines(logging.Formatter):
    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname,
            "event": record.getMessage(),
            **getattr(record, "fields", {}),
        }
        if record.exc_info:
            line["traceback"] = self.formatException(record.exc_info)
        return json.dumps(line, default=str)


def log(event: str, fields: Mapping[str, object], *, level: int = logging.INFO, traceback: bool = False) -> None:
    LOGGER.log(level, event, extra={"fields": dict(fields)}, exc_info=traceback)


def configure() -> None:
    """Send every log line of the process to standard output as JSON; uvicorn's own loggers included."""
    handler = logging.StreamHandler(sys.stdout)
    handler.setFormatter(JsonLines())
    logging.basicConfig(level=logging.INFO, handlers=[handler], force=True)
    for chatty in ("botocore", "boto3", "urllib3", "httpx", "httpcore"):
        logging.getLogger(chatty).setLevel(logging.WARNING)
