"""An operator's commands against the deployed stack: dead letters that reach whom they were meant for."""

import json

from tests.journeys.conftest import Stack
from tests.support.backstage import Backstage
from tests.support.builders import any_tenant
from tests.support.patience import until
from vitrine.kernel.clock import utc_now
from vitrine.kernel.ids import Ids

QUEUE = "reactions/StartWorkDead"


def test_a_dead_letter_of_a_function_is_listed_and_reaches_the_function_again(
    stack: Stack, backstage: Backstage
) -> None:
    job_id = Ids.random(utc_now()).new("img")
    event = {"detail-type": "JobQueued", "detail": {"tenant": any_tenant(), "job_id": job_id}}
    function = backstage.aws("lambda").get_function(FunctionName=backstage.name_of("reactions-start-work"))
    context = {"functionArn": f"{function['Configuration']['FunctionArn']}:live", "condition": "RetriesExhausted"}
    (url,) = [url for url in backstage.aws("sqs").list_queues()["QueueUrls"] if "StartWorkDead" in url]
    body = {"version": "1.0", "requestContext": context, "requestPayload": event}
    backstage.aws("sqs").send_message(QueueUrl=url, MessageBody=json.dumps(body))

    assert f"1 {QUEUE}" in stack.vitrine("dlq", "list")
    assert stack.vitrine("dlq", "redrive", QUEUE).strip() == "1 sent again, 0 stay"
    assert f"0 {QUEUE}" in stack.vitrine("dlq", "list")
    until(lambda: any(job_id in line for line in backstage.logs("start-work")), what="the function to get it")
