"""Which environment an operator's command is about.

A command runs the services in its own process, with the operator's own credentials. The environment is the local
deployment, or with `--environment prod` one on AWS, found by its data stack's outputs. A command calls `enter` before
it imports a service: stores read the names of their tables when they are imported.
"""

import argparse
import os
from collections.abc import Iterator
from typing import Any

from infra.errors import CommandError
from infra.local.commands.common import Commands, add, workspace_of

LOCAL = "local"


def register(commands: Commands, name: str, about: str) -> argparse.ArgumentParser:
    """A command's parser, with the options that say which environment it is about."""
    parser = add(commands, name, about)
    parser.add_argument("--environment", default=LOCAL, metavar="NAME", help="local (default), or dev or prod on AWS")
    add_account(parser)
    return parser


def add_account(parser: argparse.ArgumentParser) -> None:
    """The options that say whose account on AWS a command is about."""
    parser.add_argument("--profile", metavar="NAME", help="the profile of your AWS credentials")
    parser.add_argument("--region", metavar="NAME", help="the AWS region; else the profile's")


def session_of(options: argparse.Namespace) -> Any:
    """A boto3 session in that account."""
    import boto3

    return boto3.session.Session(profile_name=options.profile, region_name=options.region)


def stacks_of(formation: Any, environment: str) -> Iterator[str]:
    """The names of an environment's stacks, by a client of CloudFormation."""
    for page in formation.get_paginator("list_stacks").paginate():
        for stack in page["StackSummaries"]:
            if stack["StackName"].startswith(prefix_of(environment)) and stack["StackStatus"] != "DELETE_COMPLETE":
                yield stack["StackName"]


def prefix_of(environment: str) -> str:
    """What the names of an environment's stacks begin with."""
    return f"vitrine-{environment}-"


def enter(options: argparse.Namespace) -> None:
    """From here on this process's stores and services are those of the environment. Raises `CommandError`."""
    if options.environment == LOCAL:
        from infra.local import services

        services.enter(workspace_of(options))
    else:
        os.environ.update(_on_aws(options))


def _on_aws(options: argparse.Namespace) -> dict[str, str]:
    from infra.service_environment import service_environment

    session = session_of(options)
    outputs = _outputs(session, f"{prefix_of(options.environment)}data")
    account = session.client("sts").get_caller_identity()["Account"]
    region = session.region_name or ""
    profile = {"AWS_PROFILE": options.profile} if options.profile else {}
    return {
        **profile,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        **service_environment(options.environment, outputs, region, account),
    }


def _outputs(session: Any, stack: str) -> dict[str, str]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        (found,) = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise CommandError(
            f"The stack {stack} cannot be read.", "Is it deployed there, and do your credentials allow it?", str(error)
        ) from None
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}
