"""An organisation and its tenant are named after each other. Apart, so that keys are read without the models."""

import uuid


def tenant_of(org_id: str) -> str:
    return "ten_" + org_id.replace("-", "")


def org_id_of(tenant: str) -> str:
    return str(uuid.UUID(tenant.removeprefix("ten_")))
