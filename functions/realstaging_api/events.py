"""Server-sent events of one image (WHATWG HTML, "Server-sent events"), over an API that buffers its responses.

Each response carries everything since `Last-Event-ID` and ends; if there is nothing yet, it is held for up to 8 s.
The browser reconnects by itself, and the log in the job's partition makes that lossless. Once the image is over and
everything was told, 204 tells EventSource to stop, for good: whoever comes back with that id gets 204 again.
"""

from typing import Annotated, Any

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header, Query

from functions.realstaging_api.surface import SURFACE
from vitrine.kernel.http import Api, Caller
from vitrine.staging import following

api = Api(SURFACE)
handler = api.handler
LastEventId = Annotated[
    str | None,
    Query(alias="lastEventId", description="As the header `Last-Event-ID`, for clients that cannot set it"),
]
_EVENT: Any = {
    "type": "object",
    "description": "One event of the stream; `data` is JSON text",
    "required": ["id", "event", "data"],
    "properties": {"id": {"type": "string"}, "event": {"const": "status"}, "data": {"type": "string"}},
}
_RESPONSES: Any = {
    200: {
        "description": 'Events since `Last-Event-ID` (or `lastEventId`): `id`, `event: status`, `data: {"status": …}`',
        "content": {"text/event-stream": {"schema": _EVENT}},
    },
    204: {"description": "The image is over and everything was told: EventSource stops"},
}


@api.get(
    "/api/v1/events",
    summary="Follow an image's status",
    tags=["events"],
    responses=_RESPONSES,
    # EventSource cannot set headers, so the token may come in the query, here and nowhere else.
    token_parameter="access_token",  # noqa: S106 - a parameter's name
    round_trips=2,
)
def follow(
    image_id: Annotated[str, Query()],
    caller: Caller,
    last_event_id: Annotated[str | None, Header(alias="Last-Event-ID")] = None,
    in_query: LastEventId = None,
) -> Response[str]:
    text = following.events_since(caller.tenant, image_id, following.number_of(last_event_id or in_query))
    if text is None:
        return Response(status_code=204, body="")
    headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
    return Response(status_code=200, body=text, content_type="text/event-stream", headers=headers)
