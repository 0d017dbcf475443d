"""The embedded cloud: ministack on loopback, IAM enforced, with an environment that holds nothing of ours."""

import json
import mmap
import os
import shutil
import urllib.request
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from infra.local import emulator_entry, processes
from infra.local.ports import HOST
from infra.local.processes import Program
from infra.local.tools import emulator_python
from infra.local.workspace import Workspace
from infra.settings import LIVE, LOCAL

NAME = "emulator"
ACCOUNT, REGION = "000000000000", "us-east-1"
CREDENTIALS = {"AWS_ACCESS_KEY_ID": "test", "AWS_SECRET_ACCESS_KEY": "test"}
"""The emulator's root account. Whoever reaches the loopback port is root, so it is bound to nothing else."""
START_LIMIT_S = 60.0
# Saving the state of every service takes about 2 s.
STOP_GRACE_S = 20.0
WARM_WORKERS_S = 3600
STREAM_POSITIONS = b'"dynamodb_stream_positions"'


def url(port: int) -> str:
    return f"http://{HOST}:{port}"


def start(workspace: Workspace, port: int) -> None:
    # Without its folder for temporary files it would leave them in the machine's.
    workspace.prepare()
    if processes.pid_of(workspace, NAME) is None:
        _forget_stream_positions(workspace)
    processes.start(workspace, _program(workspace, port))


def wait(workspace: Workspace, port: int) -> None:
    processes.wait_until(lambda: is_ready(port), workspace, NAME, START_LIMIT_S)


def stop(workspace: Workspace, grace_s: float = STOP_GRACE_S) -> bool:
    was_running = processes.stop(workspace, NAME, grace_s)
    shutil.rmtree(workspace.scratch, ignore_errors=True)
    return was_running


def is_ready(port: int) -> bool:
    try:
        with urllib.request.urlopen(f"{url(port)}/_ministack/ready", timeout=2) as answer:  # noqa: S310
            return bool(json.load(answer).get("status") == "completed")
    except (OSError, ValueError):
        return False


def clean_environment() -> dict[str, str]:
    """This process's environment without AWS's and the CDK's variables."""
    return {name: value for name, value in os.environ.items() if not name.startswith(("AWS_", "CDK_"))}


def aws_environment(port: int) -> dict[str, str]:
    """For what talks to the emulator. Nothing started with it can reach a real account."""
    return {
        **clean_environment(),
        **CREDENTIALS,
        "AWS_REGION": REGION,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ENDPOINT_URL": url(port),
        "AWS_CONFIG_FILE": os.devnull,
        "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
        "AWS_EC2_METADATA_DISABLED": "true",
    }


def client(service: str, port: int) -> Any:
    """A boto3 client of the emulator's root account."""
    import boto3

    session = boto3.session.Session(
        aws_access_key_id=CREDENTIALS["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=CREDENTIALS["AWS_SECRET_ACCESS_KEY"],
        region_name=REGION,
    )
    return session.client(service, endpoint_url=url(port))  # type: ignore[call-overload]  # the name is not a literal


def have_bucket(port: int, name: str) -> None:
    """Make a bucket that is not there yet. An emulator that was stopped and started no longer knows a bucket's region,
    and then answers 409 for one that is."""
    s3 = client("s3", port)
    with suppress(s3.exceptions.BucketAlreadyOwnedByYou):
        s3.create_bucket(Bucket=name)


def open_to_browsers(workspace: Workspace, port: int) -> None:
    """Set the APIs' CORS rules again, through the API.

    ministack keeps them as CloudFormation spells them and reads them as the API spells them, so that every preflight
    would be refused.
    """
    gateway = client("apigatewayv2", port)
    for template in workspace.assembly.glob("*.template.json"):
        for resource in json.loads(template.read_text())["Resources"].values():
            rules = resource.get("Properties", {}).get("CorsConfiguration")
            if resource["Type"] == "AWS::ApiGatewayV2::Api" and rules:
                gateway.update_api(ApiId=resource["Properties"]["Tags"]["ms-custom-id"], CorsConfiguration=rules)


def verify_sender(port: int) -> None:
    """Let mails come from our sender; what is sent stays in the emulator. May be repeated."""
    mail = client("sesv2", port)
    with suppress(mail.exceptions.AlreadyExistsException):
        mail.create_email_identity(EmailIdentity=LOCAL.mail_sender)


def keep_dead_letters(port: int) -> None:
    """Give each function that has a dead-letter queue on its alias the same queue in the version behind the alias.

    For an asynchronous call of an alias, ministack looks for the queue in the version alone, and not in what is set for
    the alias. May be repeated: what has its queue stays as it is.
    """
    functions = client("lambda", port)
    for page in functions.get_paginator("list_functions").paginate():
        for name in [function["FunctionName"] for function in page["Functions"]]:
            listed = functions.list_function_event_invoke_configs(FunctionName=name)["FunctionEventInvokeConfigs"]
            for queue in filter(None, map(_failures_go_to, listed)):
                _keep_dead_letters(functions, name, queue)


def _failures_go_to(config: Mapping[str, Any]) -> str | None:
    destination: str | None = config.get("DestinationConfig", {}).get("OnFailure", {}).get("Destination")
    return destination


def _keep_dead_letters(functions: Any, name: str, queue: str) -> None:
    deployed = functions.get_function_configuration(FunctionName=name, Qualifier=LIVE)
    if deployed.get("DeadLetterConfig", {}).get("TargetArn") == queue:
        return
    functions.update_function_configuration(FunctionName=name, DeadLetterConfig={"TargetArn": queue})
    version = functions.publish_version(FunctionName=name)["Version"]
    functions.update_alias(FunctionName=name, Name=LIVE, FunctionVersion=version)


def _forget_stream_positions(workspace: Workspace) -> None:
    """Let functions read the tables' streams from their beginning.

    Across a restart ministack keeps how far each function had read, but not the streams: as many changes as had been
    made before would be passed over in silence.
    """
    saved = workspace.data / "services" / "lambda.json"
    if not saved.exists():
        return
    # Half a gigabyte of layers comes before it, so the file is cut and not parsed; the positions are its last entry.
    with saved.open("r+b") as file, mmap.mmap(file.fileno(), 0) as content:
        at = content.rfind(STREAM_POSITIONS)
        if at > 0:
            file.seek(at)
            file.write(STREAM_POSITIONS + b": {}}}")
            file.truncate()


def _program(workspace: Workspace, port: int) -> Program:
    command = (str(emulator_python(workspace)), "-P", emulator_entry.__file__, str(workspace.layers))
    return Program(NAME, command, _environment(workspace, port), workspace.data, grace_s=STOP_GRACE_S)


def _environment(workspace: Workspace, port: int) -> Mapping[str, str]:
    # Lambda workers inherit all of this, so it is made from nothing but what is listed.
    persist = "1" if workspace.keeps_data else "0"
    return {
        **CREDENTIALS,
        "PATH": os.defpath,
        "HOME": str(workspace.data),
        "TMPDIR": str(workspace.scratch),
        "LANG": "C.UTF-8",
        "AUTH": "true",
        "BIND_HOST": HOST,
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": HOST,
        "MINISTACK_REGION": REGION,
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "IOT_MTLS_ENABLED": "0",
        "SFTP_ENABLED": "0",
        "DOCKER_HOST": f"unix://{workspace.scratch}/no-docker.sock",
        "LAMBDA_WARM_TTL_SECONDS": str(WARM_WORKERS_S),
        "PERSIST_STATE": persist,
        "STATE_DIR": str(workspace.data / "services"),
        "S3_PERSIST": persist,
        "S3_DATA_DIR": str(workspace.data / "s3"),
    }
