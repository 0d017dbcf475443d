"""The environment variables with which a process outside Lambda runs our services."""

from collections.abc import Mapping

from infra.errors import CommandError

_SECRETS = {
    "KeyPepperIs": "VITRINE_KEY_PEPPER_SECRET_ARN",
    "TokenSecretIs": "VITRINE_TOKEN_SECRET_ARN",
    "SigningSecretIs": "VITRINE_SIGNING_SECRET_ARN",
    "StripeWebhookSecretIs": "VITRINE_STRIPE_WEBHOOK_SECRET_ARN",
}
_BUCKETS = {"UploadsBucketIs": "VITRINE_UPLOADS_BUCKET", "MediaBucketIs": "VITRINE_MEDIA_BUCKET"}


def service_environment(name: str, outputs: Mapping[str, str], region: str, account: str) -> dict[str, str]:
    """The variables that functions of the environment `name` get, from the outputs of its data stack.

    Raises `CommandError` when an output is missing.
    """
    from vitrine.kernel.schema import TABLES

    tables = {f"{table.name.title()}TableIs": table.variable for table in TABLES}
    variable_of = tables | _SECRETS | _BUCKETS
    if missing := sorted(variable_of.keys() - outputs.keys()):
        raise CommandError(f"The environment {name} does not say {', '.join(missing)}.", "Deploy it again.")
    machine = f"arn:aws:states:{region}:{account}:stateMachine:vitrine-{name}"
    return {
        "VITRINE_ENVIRONMENT": name,
        "VITRINE_WORK_MACHINES_PREFIX": f"{machine}-",
        "VITRINE_STATUS_BUS": f"vitrine-{name}-status",
        "POWERTOOLS_SERVICE_NAME": "operator",
        "POWERTOOLS_METRICS_NAMESPACE": "Vitrine",
        # A command's output is its result; log lines would mix with it.
        "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        **{variable: outputs[output] for output, variable in variable_of.items()},
    }
