"""Logical ids of what holds data. A changed one is a new, empty thing in place of people's photos, jobs or money."""

import pytest

from tests.infra.clouds import ENVIRONMENTS, cloud

STATEFUL = {
    "AWS::DynamoDB::Table",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
    "AWS::Events::EventBus",
    "AWS::SNS::Topic",
}
IDS = {
    "Alarms04B5A0BF",
    "AssetsTableB17E4AB4",
    "BillingTableC3F396AA",
    "CursorKey255E8F8A",
    "EngagementTableA44AD095",
    "GuardTable038B5480",
    "IdentityTableA085AC59",
    "InferenceDone16175B8A",
    "InferenceFailed199B7C40",
    "JobsTable1970BC16",
    "KeyPepperB58BE0AC",
    "MediaA721A567",
    "SigningSecretCF7EC744",
    "StagingTableD1A4EA56",
    "Status274336EC",
    "StripeApiKeyF2E4F720",
    "StripeWebhook04C354F4",
    "TokenSecret75569B26",
    "Uploads4F6EB0FD",
    "CaptureTable7C0D5996",
    "WarningsA55F0F4C",
}


@pytest.mark.parametrize("environment", ENVIRONMENTS)
def test_what_holds_data_keeps_its_logical_id(environment: str) -> None:
    assert {resource.id for resource in cloud(environment).all(*STATEFUL)} == IDS
