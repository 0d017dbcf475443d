"""What an operator's commands share: they run the services in their own process, with the operator's own credentials.

The environment is the local deployment, or with `--environment prod` one on AWS, found by its stacks' outputs. A
command calls `enter` before it imports a service: stores read the names of their tables as they are imported.
"""

import argparse
import os
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from infra.local.commands.common import Commands, add, workspace_of
from infra.local.errors import LocalError

if TYPE_CHECKING:
    from infra.local.workspace import Workspace

LOCAL = "local"
_SECRETS = {
    "KeyPepperIs": "VITRINE_KEY_PEPPER_SECRET_ARN",
    "TokenSecretIs": "VITRINE_TOKEN_SECRET_ARN",
    "StripeWebhookSecretIs": "VITRINE_STRIPE_WEBHOOK_SECRET_ARN",
}
_BUCKETS = {"UploadsBucketIs": "VITRINE_UPLOADS_BUCKET", "MediaBucketIs": "VITRINE_MEDIA_BUCKET"}


def register(commands: Commands, name: str, about: str) -> argparse.ArgumentParser:
    """A command's parser, with the options that say which environment it is about."""
    parser = add(commands, name, about)
    parser.add_argument("--environment", default=LOCAL, metavar="NAME", help="local (default), or dev or prod on AWS")
    parser.add_argument("--profile", metavar="NAME", help="the profile of your AWS credentials")
    parser.add_argument("--region", metavar="NAME", help="the AWS region; else the profile's")
    return parser


def enter(options: argparse.Namespace) -> None:
    """From here on this process's stores and services are those of the environment. Raises `LocalError`."""
    if options.environment == LOCAL:
        enter_local(workspace_of(options))
    else:
        os.environ.update(_on_aws(options))


def enter_local(workspace: "Workspace") -> None:
    """As `enter` does, into a deployment of this machine."""
    os.environ.update(_local(workspace))


def _local(workspace: "Workspace") -> dict[str, str]:
    from infra.local import emulator

    state = workspace.load()
    if not state.outputs or not emulator.is_ready(state.ports.get(emulator.NAME, 0)):
        raise LocalError("Nothing is deployed here.", "Run `vitrine up`, or name an environment on AWS.")
    return {
        **emulator.CREDENTIALS,
        "AWS_REGION": emulator.REGION,
        "AWS_DEFAULT_REGION": emulator.REGION,
        "AWS_ENDPOINT_URL": emulator.url(state.ports[emulator.NAME]),
        **_variables(LOCAL, state.outputs, emulator.REGION, emulator.ACCOUNT),
    }


def _on_aws(options: argparse.Namespace) -> dict[str, str]:
    import boto3

    session = boto3.session.Session(profile_name=options.profile, region_name=options.region)
    outputs = _outputs(session, f"vitrine-{options.environment}-data")
    account = session.client("sts").get_caller_identity()["Account"]
    region = session.region_name or ""
    named = {"AWS_PROFILE": options.profile} if options.profile else {}
    return {
        **named,
        "AWS_REGION": region,
        "AWS_DEFAULT_REGION": region,
        **_variables(options.environment, outputs, region, account),
    }


def _outputs(session: Any, stack: str) -> dict[str, str]:
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        (found,) = session.client("cloudformation").describe_stacks(StackName=stack)["Stacks"]
    except (BotoCoreError, ClientError) as error:
        raise LocalError(
            f"The stack {stack} cannot be read.", "Is it deployed there, and are you let in?", str(error)
        ) from None
    return {output["OutputKey"]: output["OutputValue"] for output in found.get("Outputs", [])}


def _variables(environment: str, outputs: Mapping[str, str], region: str, account: str) -> dict[str, str]:
    """What functions of the environment are told, from the outputs of its data stack."""
    from vitrine.kernel.schema import TABLES

    named = (
        {f"{table.name.title()}TableIs": f"VITRINE_{table.name.upper()}_TABLE" for table in TABLES}
        | _SECRETS
        | _BUCKETS
    )
    missing = sorted(named.keys() - outputs.keys())
    if missing:
        raise LocalError(f"The environment {environment} does not say {', '.join(missing)}.", "Deploy it again.")
    machine = f"arn:aws:states:{region}:{account}:stateMachine:vitrine-{environment}"
    return {
        "VITRINE_ENVIRONMENT": environment,
        "VITRINE_STAGING_STATE_MACHINE_ARN": f"{machine}-staging",
        "VITRINE_BATCH_STATE_MACHINE_ARN": f"{machine}-batch",
        "VITRINE_STATUS_BUS": f"vitrine-{environment}-status",
        "POWERTOOLS_SERVICE_NAME": "operator",
        "POWERTOOLS_METRICS_NAMESPACE": "Vitrine",
        # Results are the command's output; the log would stand between them.
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        **{variable: outputs[output] for output, variable in named.items()},
    }
