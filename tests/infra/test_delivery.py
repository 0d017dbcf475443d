"""The deploy pipeline: what it runs, in which order, and whom the account trusts."""

import re
import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml

from infra import cli
from tests.infra.clouds import Cloud, text

ROOT = Path(__file__).parents[2]
FILE = ROOT / ".github" / "workflows" / "deploy.yml"
WORKFLOW: dict[str, Any] = yaml.safe_load(FILE.read_text())
JOBS: dict[str, Any] = WORKFLOW["jobs"]


def commands(job: str) -> str:
    return "\n".join(step.get("run", "") for step in JOBS[job]["steps"])


def test_nothing_is_deployed_before_the_tests_have_passed_nor_prod_before_dev_staged_a_photo() -> None:
    assert commands("test").strip() == ".ci/run"
    assert (JOBS["dev"]["needs"], JOBS["prod"]["needs"]) == ("test", "dev")
    assert commands("dev").index("cdk@2 deploy") < commands("dev").index("vitrine demo --base-url")


def test_prod_is_synthesised_once_compared_and_then_deployed_as_it_was_compared() -> None:
    synth, gate, deploy = (
        commands("prod").index(part) for part in ("cdk@2 synth", "vitrine diff --environment prod", "--app cdk.out")
    )
    assert synth < gate < deploy


def test_a_job_that_calls_aws_names_its_environment_and_holds_no_key() -> None:
    for name, job in JOBS.items():
        if "aws" in text(job["steps"]):
            assert job["environment"] == name
    assert "AWS_SECRET_ACCESS_KEY" not in FILE.read_text()
    assert WORKFLOW["permissions"] == {"contents": "read", "id-token": "write"}
    assert WORKFLOW["concurrency"]["cancel-in-progress"] is False


def test_the_pipeline_calls_only_commands_and_files_that_exist() -> None:
    for job in JOBS:
        assert set(re.findall(r"vitrine ([a-z-]+)", commands(job))) <= set(cli.MODULES)
        for script in re.findall(r"(?:^|\s)(\.[a-z]+/[a-z-]+)", commands(job)):
            assert (ROOT / script).stat().st_mode & 0o100, script


def test_the_image_is_pushed_once_and_named_by_its_digest(tmp_path: Path) -> None:
    """With an `aws` that knows the tag already, so that nothing is built."""
    aws = tmp_path / "aws"
    aws.write_text("#!/bin/sh\necho sha256:abc\n")
    aws.chmod(0o755)
    ran = subprocess.run(
        [ROOT / ".github" / "push-engine", "1.dkr.ecr.eu-west-1.amazonaws.com/vitrine-prod-engine", "c0ffee"],
        capture_output=True,
        text=True,
        check=True,
        env={"PATH": f"{tmp_path}:/usr/bin:/bin"},
    )
    assert ran.stdout == "image=1.dkr.ecr.eu-west-1.amazonaws.com/vitrine-prod-engine@sha256:abc\n"


def test_the_account_trusts_one_repository_in_one_environment(prod: Cloud) -> None:
    (role,) = [role for role in prod.all("AWS::IAM::Role") if "token.actions" in text(role.properties)]
    (trusted,) = role.properties["AssumeRolePolicyDocument"]["Statement"]
    assert trusted["Condition"]["StringEquals"] == {
        "token.actions.githubusercontent.com:aud": "sts.amazonaws.com",
        "token.actions.githubusercontent.com:sub": "repo:company/vitrine:environment:prod",
    }


def test_the_engines_images_are_scanned_and_their_tags_stay(prod: Cloud) -> None:
    (repository,) = prod.all("AWS::ECR::Repository")
    assert repository.properties["ImageTagMutability"] == "IMMUTABLE"
    assert repository.properties["ImageScanningConfiguration"] == {"ScanOnPush": True}


@pytest.mark.parametrize("environment", ["local", "dev"])
def test_without_a_repository_there_is_nothing_to_trust(environment: str) -> None:
    from tests.infra.clouds import cloud

    assert not cloud(environment).all("AWS::ECR::Repository")
