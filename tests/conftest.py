"""What every test stands on: the environment that a deployed function would get, with no AWS behind it."""

import os
from collections.abc import Iterator

import pytest
import time_machine

from tests.support.issuer import AUDIENCE, CLIENT_ID, issuer
from tests.support.stripe_api import stripe_api
from vitrine.kernel import schema

ENVIRONMENT = {
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "us-east-1",
    "AWS_REGION": "us-east-1",
    "POWERTOOLS_SERVICE_NAME": "tests",
    "POWERTOOLS_METRICS_NAMESPACE": "Vitrine",
    "POWERTOOLS_DEV": "false",
    "VITRINE_ENVIRONMENT": "test",
    **{table.variable: table.name for table in schema.TABLES},
    "VITRINE_UPLOADS_BUCKET": "uploads",
    "VITRINE_MEDIA_BUCKET": "media",
    "VITRINE_STATUS_BUS": "status",
    "VITRINE_OIDC_ISSUER": issuer().url,
    "VITRINE_OIDC_AUDIENCE": AUDIENCE,
    "VITRINE_WORK_MACHINES_PREFIX": "arn:aws:states:us-east-1:123456789012:stateMachine:",
    "VITRINE_WEBHOOK_STATE_MACHINE_ARN": "arn:aws:states:us-east-1:123456789012:stateMachine:webhook",
    "VITRINE_STAGING_ENDPOINT": "vitrine-test-staging",
    "VITRINE_FRAME_MAKER_ARN": "arn:aws:lambda:us-east-1:123456789012:function:pipeline-make-frame:live",
    "VITRINE_QC_ENDPOINT": "vitrine-test-qc",
    "VITRINE_STRIPE_WEBHOOK_SECRET_ARN": "stripe-webhook-secret",
    "VITRINE_STRIPE_API_KEY_SECRET_ARN": "stripe-api-key",
    "VITRINE_STRIPE_API_BASE": stripe_api().url,
    "VITRINE_CURSOR_KEY_SECRET_ARN": "cursor-key",
    "VITRINE_KEY_PEPPER_SECRET_ARN": "key-pepper",
    "VITRINE_TOKEN_SECRET_ARN": "token-secret",
    "VITRINE_SIGNING_SECRET_ARN": "signing-secret",
    "VITRINE_OIDC_CLIENT_ID": CLIENT_ID,
}
# Stores read their table's name when they are imported, as they do in Lambda, so this comes before any of them.
os.environ.update(ENVIRONMENT)

pytest_plugins = [
    "tests.support.logs",
    "tests.support.days_ahead",
    "tests.support.garbage",
    "tests.support.once",
    "tests.support.order",
    "tests.support.seeds",
]


@pytest.fixture(autouse=True)
def _one_clock(request: pytest.FixtureRequest) -> Iterator[None]:
    """See tests/support/clock.py."""
    from tests.support import clock

    if not clock.names_now(request.module):
        yield
        return
    with clock.an_argument():
        yield


@pytest.fixture
def held_clock() -> Iterator[None]:
    """The real clock stands still during the test, so that no hour, day or month that it counts by ends meanwhile."""
    from vitrine.kernel.clock import utc_now

    with time_machine.travel(utc_now(), tick=False):
        yield
