"""The rival: the same route as FastAPI's documentation would have it, behind Mangum, with boto3.

It does the same work: verifies the token by JWKS, counts the rate limit, reads the account and the job, signs the
photo's URL, answers a model, and logs one line.
"""

import json
import logging
import os
from datetime import datetime
from typing import Annotated, Any

import boto3
import jwt
from fastapi import Depends, FastAPI, Header, HTTPException
from mangum import Mangum
from pydantic import BaseModel

TENANT = os.environ["BENCH_TENANT"]
logger = logging.getLogger("rival")
logging.basicConfig(level=logging.WARNING)
dynamodb = boto3.client("dynamodb")
s3 = boto3.client("s3")
keys = jwt.PyJWKClient(os.environ["VITRINE_OIDC_JWKS_URL"])
app = FastAPI()


class Image(BaseModel):
    id: str
    status: str
    originalUrl: str  # noqa: N815 - the contract's name
    stagedUrl: str | None  # noqa: N815
    error: str | None
    style: str
    seed: int
    created_at: datetime
    updated_at: datetime


def caller(authorization: Annotated[str, Header()]) -> str:
    token = authorization.removeprefix("Bearer ")
    try:
        claims = jwt.decode(
            token,
            keys.get_signing_key_from_jwt(token),
            algorithms=["RS256"],
            issuer=os.environ["VITRINE_OIDC_ISSUER"],
            audience=os.environ["VITRINE_OIDC_AUDIENCE"],
        )
    except jwt.InvalidTokenError:
        raise HTTPException(401) from None
    assert claims["sub"]
    return TENANT


_seen: set[str] = set()


@app.get("/api/v1/images/{image_id}")
def get_image(image_id: str, tenant: Annotated[str, Depends(caller)]) -> Image:
    if tenant not in _seen:
        dynamodb.query(
            TableName="billing",
            KeyConditionExpression="pk = :tenant",
            ExpressionAttributeValues={":tenant": {"S": tenant}},
        )
        _seen.add(tenant)
    dynamodb.update_item(
        TableName="guard",
        Key={"pk": {"S": tenant}, "sk": {"S": "minute"}},
        UpdateExpression="ADD #count :one",
        ExpressionAttributeNames={"#count": "count"},
        ExpressionAttributeValues={":one": {"N": "1"}},
        ReturnValues="UPDATED_NEW",
    )
    item = dynamodb.get_item(TableName="jobs", Key={"pk": {"S": f"{tenant}#{image_id}"}, "sk": {"S": "JOB"}})["Item"]
    job: dict[str, Any] = json.loads(item["body"]["S"])
    photo = {"Bucket": "uploads", "Key": job["input"]["photo_key"]}
    image = Image(
        id=job["id"],
        status=job["state"],
        originalUrl=s3.generate_presigned_url("get_object", Params=photo, ExpiresIn=900),
        stagedUrl=None,
        error=None,
        style=job["input"]["style"],
        seed=job["input"]["seed"],
        created_at=job["created_at"],
        updated_at=job["updated_at"],
    )
    print(json.dumps({"level": "INFO", "message": "request", "status": 200, "tenant": tenant}))
    return image


handler = Mangum(app, lifespan="off")
