"""`vitrine model publish` with the real SDK, in an environment of its own, against a loopback SageMaker."""

import argparse
import gzip
import io
import json
import os
import subprocess
import sys
import tarfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import boto3
import pytest

from infra.errors import CommandError
from infra.operators import model
from tests.functions.inference.conftest import BUCKET

if TYPE_CHECKING:
    from mypy_boto3_s3 import S3Client

ROOT = Path(__file__).parents[3]
IMAGE = f"123456789012.dkr.ecr.us-east-1.amazonaws.com/vitrine-inference@sha256:{'a' * 64}"
ROLE = "arn:aws:iam::123456789012:role/inference"


def publish(*arguments: str) -> dict[str, Any]:
    """What the command prints, run in a fresh environment that has the group `model` and not our own."""
    isolated = ["run", "--isolated", "--frozen", "--no-default-groups", "--group", "model", "vitrine"]
    command = [sys.executable, "-m", "uv", *isolated, "model", "publish", *arguments]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    result: dict[str, Any] = json.loads(done.stdout)
    return result


@pytest.mark.skipif(os.environ.get("CI") != "true", reason="downloads a hundred packages; runs where CI=true")
def test_an_image_is_registered_and_a_model_made_of_it(s3: "S3Client", tmp_path: Path) -> None:
    (tmp_path / "weights.bin").write_bytes(b"weights")
    data = ["--model-data", str(tmp_path), "--bucket", BUCKET, "--environment", "VITRINE_ENGINE=x:y"]
    made = publish("--image", IMAGE, "--approve", "--role", ROLE, *data)
    sagemaker = boto3.client("sagemaker")
    package = sagemaker.describe_model_package(ModelPackageName=made["model_package"])
    container = package["InferenceSpecification"]["Containers"][0]
    assert package["ModelPackageGroupName"] == "vitrine-staging"
    assert package["ModelApprovalStatus"] == "Approved"
    assert container["Image"] == IMAGE
    assert container["Environment"] == {"VITRINE_ENGINE": "x:y"}
    archive = s3.get_object(Bucket=BUCKET, Key=container["ModelDataUrl"].removeprefix(f"s3://{BUCKET}/"))["Body"].read()
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r:gz") as tar:
        assert tar.getnames() == ["weights.bin"]
    described = sagemaker.describe_model(ModelName=made["model"])
    assert made["model"] == "vitrine-staging-1"
    assert described["ExecutionRoleArn"] == ROLE


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    model.register(parser.add_subparsers())
    return parser.parse_args(["model", "publish", *arguments])


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--image", "repository:latest"], "digest"),
        (["--image", IMAGE, "--role", ROLE], "approved"),
        (["--image", IMAGE, "--environment", "NAME"], "value"),
        (["--image", IMAGE, "--model-data", "folder"], "nowhere"),
    ],
)
def test_what_cannot_be_published_is_said_before_anything_is_made(arguments: list[str], message: str) -> None:
    with pytest.raises(CommandError, match=message):
        model.run(parsed(*arguments))


def test_without_the_sdk_the_command_says_how_to_get_it() -> None:
    with pytest.raises(CommandError, match="not installed") as caught:
        model.run(parsed("--image", IMAGE))
    assert "--group model" in caught.value.advice


def test_the_same_folder_is_packed_to_the_same_bytes(tmp_path: Path) -> None:
    (tmp_path / "b").write_bytes(b"2")
    (tmp_path / "a").write_bytes(b"1")
    first = model.packed(tmp_path)
    os.utime(tmp_path / "a", (0, 0))
    assert model.packed(tmp_path) == first
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(first))) as tar:
        assert tar.getnames() == ["a", "b"]
