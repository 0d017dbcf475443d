"""What differs between environments, as one frozen value each. Nothing here calls out.

`LOCAL`, `DEV` and `PROD` say what we recommend. What a company decides stands in `environments/NAME.toml`, which is
committed, so that no deployment depends on what somebody remembers to type. `-c KEY=VALUE` is for one deployment.
"""

import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

_ORIGIN = re.compile(r"https?://[a-z0-9-]+(\.[a-z0-9-]+)*(:\d{1,5})?")
FILES = Path(__file__).parent / "environments"
_HOST = re.compile(r"[a-z0-9-]+(\.[a-z0-9-]+)+")
_DIGEST = re.compile(r"@sha256:[0-9a-f]{64}$")
MUST_RUN = {
    "publish_changes": 40,
    "start_work": 20,
    "finish_inference": 10,
    "pass_on_slots": 10,
    "sweep_deadlines": 2,
}
"""Executions set aside for each function without which nothing moves or ends, however busy all others are; also the
most that it may have. Streams: four tables, two batches at once of each shard, of which a new table has up to four."""
LIVE = "live"
"""The alias by which every function is called."""


class SettingsError(ValueError):
    """An environment that does not exist, or a value that it needs and was not given; the message names it."""


@dataclass(frozen=True)
class Throttle:
    """Requests per second over a whole API, and how many may come at once. Above: 429 from the gateway."""

    rate: int
    burst: int


@dataclass(frozen=True)
class Engine:
    """The SageMaker endpoints. Without an image there is no endpoint stack.

    The render engine computes on CPUs alone: on an instance with a GPU, that would idle. For an engine that has a use
    for one there is `-c staging_instance=ml.g5.xlarge`.
    """

    image_uri: str | None = None
    staging_instance: str = "ml.c6i.2xlarge"
    staging_most_instances: int = 4
    qc_memory_mb: int = 3072
    qc_most_at_once: int = 10


JOBS_PER_INSTANCE = 3
"""One on the engine, and the next ones ready. The endpoint's own queue is first come, first served, hence short."""


@dataclass(frozen=True)
class Settings:
    """`account` and `region` are None where the CDK CLI's credentials decide.

    `batch_photos_at_once` is twice the engine's instances: each has its next photo ready. `frames_at_once` is
    how many frames of vehicles are inspected at once, where not as many as come: two processors start no 24 processes
    for a set. `jobs_at_once` is the most that there may be, however many instances.
    `canary`: a function's new version gets a tenth of the calls for five minutes, and is taken back if it fails.
    `alarm_email` gets all alarms; those that cannot wait go to `page_email` instead, if it is given. Alarms name their
    runbook below `runbooks_at`, a folder or a URL.
    `github_repository` (`company/vitrine`) is where the deploy pipeline runs; without one, nobody there may deploy.
    `domains` pairs surfaces with host names of your own; `certificate` is the ARN of one in ACM that covers them, in
    the same region. Without, an API answers at the address that AWS gave it, which changes when it is made anew.
    `mail_sender` is the address that mails to accounts come from; without one none are sent.
    `oidc_client_id` is the client whose ID tokens sign people in to imaging360; without one nobody can.
    `sse_at_once` and `waits_at_once` bound the executions that held event streams and held answers may take, and
    `sets_aside` keeps `MUST_RUN` for what must always run; both come out of the account's quota.
    `lambda_quota` is the account's own, which an alarm measures by. `monthly_budget` is in US dollars: `alarm_email`
    is told when most of it is spent, and when the month is on its way above it.
    `requests_per_minute` stands in for what surfaces declare, where tests need other limits.
    `cors_origins` are the web pages that may call from a browser; `*`, any, gives nothing away, since no cookie signs
    in. One that `names_origins` takes no `*`: whose pages use it is then known. One that `alarms_somebody` has an
    address for alarms. One that `needs_bytecode` is not synthesised without: importing would take two thirds longer.
    `local` is the embedded cloud: plain HTTP on loopback, and the only one whose template may hold a secret's value.
    """

    environment: str
    oidc_issuer: str
    oidc_audience: str
    oidc_jwks_url: str | None = None
    oidc_token_typ: str | None = None
    oidc_client_id: str | None = None
    account: str | None = None
    region: str | None = None
    keep_data: bool = True
    protect_stacks: bool = False
    log_days: int = 30
    log_level: str = "INFO"
    cors_origins: tuple[str, ...] = ("*",)
    names_origins: bool = False
    alarms_somebody: bool = False
    needs_bytecode: bool = False
    throttle: Throttle = Throttle(rate=100, burst=200)
    requests_per_minute: int | None = None
    sse_at_once: int | None = None
    waits_at_once: int | None = None
    sets_aside: bool = False
    lambda_quota: int = 1_000
    monthly_budget: int | None = None
    jobs_at_once: int = 1_000
    alarm_email: str | None = None
    page_email: str | None = None
    runbooks_at: str = "infra/runbooks"
    mail_sender: str | None = None
    github_repository: str | None = None
    domains: tuple[tuple[str, str], ...] = ()
    certificate: str | None = None
    engine: Engine = Engine()
    batch_photos_at_once: int = 8
    frames_at_once: int | None = None
    inference_endpoint_url: str | None = None
    stripe_webhook_secret: str | None = None
    stripe_api_key: str | None = None
    stripe_api_base: str = "https://api.stripe.com"
    webhook_loopback: bool = False
    canary: bool = False
    local: bool = False

    def named(self, thing: str) -> str:
        """The physical name of a thing that people look for in a console, or that another stack must know."""
        return f"vitrine-{self.environment}-{thing}"

    def function(self, group: str, name: str) -> str:
        """The physical name of the function `functions.GROUP.NAME`."""
        return self.named(f"{group}-{name}".replace("_", "-"))

    @property
    def jobs_at_work(self) -> int:
        """What the engine gets done well within an attempt's 24 minutes; more jobs would run out of time in its queue,
        which knows no fair queue."""
        return min(self.jobs_at_once, self.engine.staging_most_instances * JOBS_PER_INSTANCE)

    @property
    def reserved_at_once(self) -> int:
        """Executions of the account's quota that functions reserve together."""
        return sum(filter(None, (self.sse_at_once, self.waits_at_once, *self.set_aside.values())))

    @property
    def set_aside(self) -> Mapping[str, int]:
        return MUST_RUN if self.sets_aside else {}

    @property
    def tls_only(self) -> bool:
        return not self.local


LOCAL = Settings(
    environment="local",
    oidc_issuer="http://127.0.0.1:9400",
    oidc_audience="vitrine",
    oidc_token_typ="at+jwt",  # noqa: S106 - a media type
    oidc_client_id="vitrine-cli",
    account="000000000000",
    region="us-east-1",
    keep_data=False,
    log_days=7,
    throttle=Throttle(rate=1000, burst=2000),
    requests_per_minute=100_000,
    webhook_loopback=True,
    mail_sender="vitrine@mail.example",
    engine=Engine(staging_most_instances=1),
    batch_photos_at_once=2,
    frames_at_once=3,
    local=True,
)
DEV = Settings(environment="dev", oidc_issuer="", oidc_audience="", keep_data=False, log_days=14)
PROD = Settings(
    environment="prod",
    oidc_issuer="",
    oidc_audience="",
    protect_stacks=True,
    log_days=180,
    cors_origins=(),
    names_origins=True,
    alarms_somebody=True,
    needs_bytecode=True,
    sets_aside=True,
    throttle=Throttle(rate=500, burst=1000),
    canary=True,
)
ENVIRONMENTS = {known.environment: known for known in (LOCAL, DEV, PROD)}

TEXT_KEYS = {
    "issuer": "oidc_issuer",
    "audience": "oidc_audience",
    "jwks_url": "oidc_jwks_url",
    "token_typ": "oidc_token_typ",
    "client_id": "oidc_client_id",
    "account": "account",
    "region": "region",
    "inference_endpoint_url": "inference_endpoint_url",
    "stripe_webhook_secret": "stripe_webhook_secret",
    "stripe_api_key": "stripe_api_key",
    "stripe_api_base": "stripe_api_base",
    "alarm_email": "alarm_email",
    "page_email": "page_email",
    "runbooks_at": "runbooks_at",
    "mail_sender": "mail_sender",
    "github_repository": "github_repository",
    "certificate": "certificate",
    "log_level": "log_level",
}
"""CDK context keys, and the setting that each fills."""
ENGINE_KEYS = {"inference_image_uri": "image_uri", "staging_instance": "staging_instance"}
NUMBER_KEYS = ("sse_at_once", "waits_at_once", "jobs_at_once", "lambda_quota", "monthly_budget", "log_days")
"""Of the file alone."""
FILE_KEYS = {*TEXT_KEYS, *ENGINE_KEYS, *NUMBER_KEYS, "cors_origins", "domains", "staging_most_instances"}

Given = Mapping[str, str | int | None]


def settings_for(environment: str, context: Mapping[str, str | None], folder: Path = FILES) -> Settings:
    """The environment's settings, with its file's values and then those of the CDK context. Raises `SettingsError`."""
    if environment not in ENVIRONMENTS:
        raise SettingsError(f"environment {environment!r} is none of {', '.join(ENVIRONMENTS)}")
    given = _read(folder / f"{environment}.toml") | {key: value for key, value in context.items() if value}
    fields = {field: value for key, field in TEXT_KEYS.items() if (value := given.get(key))}
    numbers = {key: given[key] for key in NUMBER_KEYS if key in given}
    settings = replace(ENVIRONMENTS[environment], **fields, **numbers)  # type: ignore[arg-type]  # as `_read` checked
    return _complete(_with_lists(settings, given))


def _read(file: Path) -> dict[str, str | int | None]:
    """A file's values, each of the type that its key has; lists as the context writes them, with commas."""
    if not file.exists():
        return {}
    try:
        found = tomllib.loads(file.read_text())
    except tomllib.TOMLDecodeError as error:
        raise SettingsError(f"{file.name} is no TOML: {error}") from None
    if unknown := sorted(found.keys() - FILE_KEYS):
        raise SettingsError(f"{file.name} says {', '.join(unknown)}, which nobody knows")
    return {key: _value(file, key, value) for key, value in found.items()}


def _value(file: Path, key: str, value: object) -> str | int:
    if key == "cors_origins" and isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ",".join(value)
    if key == "domains" and isinstance(value, dict) and all(isinstance(each, str) for each in value.values()):
        return ",".join(f"{surface}={name}" for surface, name in value.items())
    wanted = int if key in NUMBER_KEYS or key == "staging_most_instances" else str
    if isinstance(value, bool) or not isinstance(value, wanted) or key in ("cors_origins", "domains"):
        raise SettingsError(f"{file.name}: {key} is not of its type")
    return value


def _with_lists(settings: Settings, context: Given) -> Settings:
    origins = tuple(str(context.get("cors_origins") or "").replace(",", " ").split())
    domains = tuple(_pair(each) for each in str(context.get("domains") or "").replace(",", " ").split())
    keys = ENGINE_KEYS | {"staging_most_instances": "staging_most_instances"}
    engine = {field: value for key, field in keys.items() if (value := context.get(key))}
    return replace(
        settings,
        cors_origins=origins or settings.cors_origins,
        domains=domains or settings.domains,
        canary=settings.canary and context.get("canary") != "off",
        engine=replace(settings.engine, **engine),  # type: ignore[arg-type]  # as `_read` checked
    )


def _pair(domain: str) -> tuple[str, str]:
    surface, _, name = domain.partition("=")
    if not _HOST.fullmatch(name):
        raise SettingsError(f"domains: {domain!r} is no SURFACE=HOST such as realstaging=api.example.com")
    return surface, name


def _check_domains(settings: Settings) -> None:
    if settings.domains and not settings.certificate:
        raise SettingsError("domains need `certificate`, the ARN of one in ACM that covers them, in the same region")


def _check_origins(settings: Settings) -> None:
    """A browser compares origins letter by letter: one with a path, or in capitals, would never match."""
    if settings.names_origins and "*" in settings.cors_origins:
        raise SettingsError(f"environment {settings.environment} names its origins: cors_origins may not be *")
    for origin in settings.cors_origins:
        if origin != "*" and not _ORIGIN.fullmatch(origin):
            raise SettingsError(f"cors_origins: {origin!r} is no origin such as https://app.example")


def _check_image(settings: Settings) -> None:
    image = settings.engine.image_uri
    if settings.protect_stacks and image and not _DIGEST.search(image):
        raise SettingsError("inference_image_uri ends in @sha256:DIGEST: a tag can be moved to another image")


def _complete(settings: Settings) -> Settings:
    if settings.mail_sender and not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", settings.mail_sender):
        raise SettingsError("mail_sender is one address, such as stagings@example.com")
    missing = [key for key in ("issuer", "audience") if not getattr(settings, TEXT_KEYS[key])]
    if not settings.cors_origins:
        missing.append("cors_origins")
    if settings.alarms_somebody and not settings.alarm_email:
        missing.append("alarm_email")
    _check_origins(settings)
    _check_domains(settings)
    _check_image(settings)
    for secret in ("stripe_webhook_secret", "stripe_api_key"):
        if getattr(settings, secret) and not settings.local:
            raise SettingsError(f"{secret} is for local only; elsewhere put it into Secrets Manager")
    if settings.webhook_loopback and not settings.local:
        raise SettingsError("webhook_loopback is for local only: elsewhere loopback is a function's own machine")
    if missing:
        flags = " ".join(f"-c {key}=…" for key in missing)
        name = settings.environment
        raise SettingsError(f"environment {name} needs {flags}, or for good in infra/environments/{name}.toml")
    return settings
