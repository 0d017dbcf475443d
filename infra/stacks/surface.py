"""A surface: its HTTP API and its functions, from what it declares (`functions/SURFACE/surface.py`) and from its
committed document, which has the routes. Nothing of a surface's own stands here."""

from collections.abc import Sequence

from aws_cdk import aws_iam as iam
from aws_cdk.aws_secretsmanager import ISecret
from constructs import Construct

from infra.constructs.api import SurfaceApi
from infra.constructs.bucket import PhotoBucket
from infra.constructs.function import VitrineFunction
from infra.documents import Json, Operation, operations
from infra.packaging.assets import Assets
from infra.settings import Settings
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.names import engine_capacity, frame_maker, function_arn, machine_arn, webhook_machine
from infra.stacks.webhooks import receivers
from vitrine.kernel.environment import Environment, Limits, MailSender, Oidc, OidcLogin, StripeApi
from vitrine.kernel.surface import Access, Bucket, Callee, Function, Prefix, Secret, StateMachine, Surface

DOCUMENT = "/openapi.json"


class SurfaceStack(UsingDataStack):
    """Raises LookupError for an environment group that nothing here can fill."""

    def __init__(
        self,
        scope: Construct,
        surface: Surface,
        document: Json,
        *,
        settings: Settings,
        assets: Assets,
        data: DataStack,
    ) -> None:
        name = surface.name
        super().__init__(scope, name, settings=settings, assets=assets, data=data, about=f"the surface {name}")
        self.surface = surface
        self.api = SurfaceApi(self, name)
        routes = list(operations(document))
        for declared in surface.functions:
            self._add(declared, [route for route in routes if route.function == declared.name])

    def _add(self, declared: Function, routes: Sequence[Operation]) -> None:
        access, groups = self._with_callers(declared, routes)
        function = VitrineFunction(
            self,
            self.surface.group,
            declared.name,
            about=declared.about,
            environment=[*self._names, *self._of_access(access), *map(self._filled, groups)],
            timeout_s=declared.timeout_s,
            memory_mb=declared.memory_mb,
            at_once=self._at_once(declared),
        )
        self._allow(function, access)
        strangers = {route.path for route in routes if route.is_public and route.method != "GET"}
        self.api.route(function, list(dict.fromkeys(route.path for route in routes)), strangers)
        if any(route.path == DOCUMENT for route in routes):
            # It loads no authenticator and touches no table, so a stranger's try costs the least here.
            self.api.route_unknown(function)

    def _at_once(self, declared: Function) -> int | None:
        most = {"streams": self.settings.sse_at_once, "answers": self.settings.waits_at_once}
        return most[declared.holds] if declared.holds else None

    def _with_callers(
        self, declared: Function, routes: Sequence[Operation]
    ) -> tuple[Access, tuple[type[Environment], ...]]:
        """What the function declares, and what finding out who calls takes where one of its routes is not public."""
        callers = self.surface.callers
        if callers is None or all(route.is_public for route in routes):
            return declared.access, declared.environment
        return callers.access | declared.access, (*callers.environment, *declared.environment)

    @property
    def _names(self) -> list[Environment]:
        return [self.data.tables_env, self.data.buckets_env]

    def _of_access(self, access: Access) -> list[Environment]:
        data = self.data
        of_secrets: dict[Secret, Environment] = {
            Secret.CURSOR_KEY: data.cursor_key_env,
            Secret.STRIPE: data.stripe_env,
            Secret.STRIPE_KEY: data.stripe_key_env,
            Secret.KEY_PEPPER: data.account_secrets_env,
            Secret.TOKEN_SECRET: data.account_secrets_env,
            Secret.SIGNING: data.signing_env,
        }
        of_machines = {StateMachine.WEBHOOK: webhook_machine(self, self.settings)}
        of_callees = {Callee.MAKE_FRAME: frame_maker(self, self.settings)}
        return [
            *(of_secrets[secret] for secret in access.secrets),
            *(of_machines[machine] for machine in access.starts),
            *(of_callees[callee] for callee in access.calls),
        ]

    def _filled(self, group: type[Environment]) -> Environment:
        settings = self.settings
        known: tuple[Environment, ...] = (
            Oidc(
                oidc_issuer=settings.oidc_issuer,
                oidc_audience=settings.oidc_audience,
                oidc_jwks_url=settings.oidc_jwks_url,
                oidc_token_typ=settings.oidc_token_typ,
            ),
            OidcLogin(
                oidc_issuer=settings.oidc_issuer,
                oidc_client_id=settings.oidc_client_id,
                oidc_jwks_url=settings.oidc_jwks_url,
            ),
            Limits(requests_per_minute=settings.requests_per_minute),
            receivers(settings),
            StripeApi(stripe_api_base=settings.stripe_api_base),
            engine_capacity(settings),
            MailSender(mail_sender=settings.mail_sender),
        )
        for filled in known:
            if isinstance(filled, group):
                return filled
        raise LookupError(f"{self.surface.name} asks for {group.__name__}, which SurfaceStack cannot fill.")

    def _allow(self, function: VitrineFunction, access: Access) -> None:
        for table in self.data.tables:
            if table.made_from in access.writes:
                table.allow_reads_and_writes(function)
            elif table.made_from in access.reads:
                table.allow_reads(function)
        for kind, bucket in self._buckets.items():
            _allow_objects(function, bucket, kind, access)
        for secret in access.secrets:
            self._secrets[secret].grant_read(function)
        for machine in access.starts:
            arn = machine_arn(self, self.settings, machine)
            function.add_to_role_policy(iam.PolicyStatement(actions=["states:StartExecution"], resources=[arn]))
        for callee in access.calls:
            arn = function_arn(self, self.settings, "pipeline", callee)
            function.add_to_role_policy(iam.PolicyStatement(actions=["lambda:InvokeFunction"], resources=[arn]))

    @property
    def _buckets(self) -> dict[Bucket, PhotoBucket]:
        return {Bucket.UPLOADS: self.data.uploads, Bucket.MEDIA: self.data.media}

    @property
    def _secrets(self) -> dict[Secret, ISecret]:
        data = self.data
        return {
            Secret.CURSOR_KEY: data.cursor_key,
            Secret.STRIPE: data.stripe_secret,
            Secret.STRIPE_KEY: data.stripe_key,
            Secret.KEY_PEPPER: data.key_pepper,
            Secret.TOKEN_SECRET: data.token_secret,
            Secret.SIGNING: data.signing_secret,
        }


def _allow_objects(function: VitrineFunction, bucket: PhotoBucket, kind: Bucket, access: Access) -> None:
    if gets := _in(kind, access.gets):
        bucket.allow_get(function, *gets)
    if puts := _in(kind, access.puts):
        bucket.allow_put(function, *puts)
    if deletes := _in(kind, access.deletes):
        bucket.allow_deletion(function, *deletes)
    if kind in access.lists:
        bucket.allow_listing(function)


def _in(bucket: Bucket, prefixes: Sequence[Prefix]) -> list[str]:
    return [prefix.start for prefix in prefixes if prefix.bucket is bucket]
