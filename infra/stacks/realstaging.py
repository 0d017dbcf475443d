"""The surface realstaging: its HTTP API and one function per context."""

from constructs import Construct

from infra.constructs.api import SurfaceApi
from infra.constructs.function import VitrineFunction
from infra.packaging.assets import Assets
from infra.settings import SURFACE, Settings
from infra.stacks import webhooks
from infra.stacks.data import DataStack, UsingDataStack
from vitrine.kernel import schema
from vitrine.kernel.environment import Environment, Limits, Oidc

GROUP = "realstaging_api"
QUICK_MB = 1024
"""CPU comes with memory; at 1 GB a cold start takes half as long as at 512 MB, and a warm call still costs nothing."""
HOLDING_MB = 512
"""A held connection pays for every second of its memory."""


class RealstagingStack(UsingDataStack):
    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets, data: DataStack) -> None:
        super().__init__(scope, SURFACE, settings=settings, assets=assets, data=data, about=f"the surface {SURFACE}")
        self.api = SurfaceApi(self, SURFACE)
        self._uploads()
        self._images()
        self._projects()
        self._events()
        self._billing()
        self._webhooks()
        self._reference()

    def _uploads(self) -> None:
        function = self._signed_in("uploads", "Presigns uploads", self.data.buckets_env)
        self.data.table(schema.ASSETS).allow_reads_and_writes(function)
        self.data.uploads.allow_put(function, "uploads/")
        self.api.route(function, ["POST /api/v1/uploads/presign"])

    def _images(self) -> None:
        function = self._signed_in(
            "images",
            "Creates images and answers their state and links",
            self.data.buckets_env,
        )
        self.data.table(schema.ASSETS).allow_reads(function)
        self.data.table(schema.STAGING).allow_reads(function)
        self.data.table(schema.JOBS).allow_reads_and_writes(function)
        self.data.uploads.allow_get(function, "uploads/")
        self.data.media.allow_get(function, "published/")
        self.api.route(function, ["POST /api/v1/images", "GET /api/v1/images/{id}"])

    def _projects(self) -> None:
        function = self._signed_in("projects", "Projects of an account", self.data.cursor_key_env)
        self.data.table(schema.STAGING).allow_reads_and_writes(function)
        self.data.cursor_key.grant_read(function)
        self.api.route(
            function,
            [
                "GET /api/v1/projects",
                "POST /api/v1/projects",
                "GET /api/v1/projects/{id}",
                "PATCH /api/v1/projects/{id}",
                "DELETE /api/v1/projects/{id}",
            ],
        )

    def _events(self) -> None:
        function = self._signed_in(
            "events",
            "Server-sent events of one image; holds up to 20 seconds",
            timeout_s=28,
            memory_mb=HOLDING_MB,
            at_once=self.settings.sse_at_once,
        )
        self.data.table(schema.JOBS).allow_reads(function)
        self.api.route(function, ["GET /api/v1/events"])

    def _billing(self) -> None:
        function = VitrineFunction(
            self,
            GROUP,
            "billing",
            about="Takes Stripe's webhook",
            memory_mb=QUICK_MB,
            environment=[self.data.tables_env, self.data.stripe_env],
        )
        self.data.table(schema.BILLING).allow_reads_and_writes(function)
        self.data.stripe_secret.grant_read(function)
        self.api.route(function, ["POST /api/v1/stripe/webhook"])

    def _webhooks(self) -> None:
        function = self._signed_in(
            "webhooks",
            "Webhooks of an account, and the log of their deliveries",
            *webhooks.environment(self, self.data),
            self.data.cursor_key_env,
        )
        webhooks.allow(function, self.data)
        self.data.cursor_key.grant_read(function)
        self.api.route(function, webhooks.routes("/api/v1/webhooks"))

    def _reference(self) -> None:
        function = VitrineFunction(self, GROUP, "reference", about="Serves the OpenAPI document", environment=[])
        self.api.route(function, ["GET /openapi.json"])

    def _signed_in(
        self,
        name: str,
        about: str,
        *environment: Environment,
        timeout_s: int = 10,
        memory_mb: int = QUICK_MB,
        at_once: int | None = None,
    ) -> VitrineFunction:
        """A function whose callers sign in; the first call of an account also provisions it and its ledger."""
        function = VitrineFunction(
            self,
            GROUP,
            name,
            about=about,
            environment=[
                self.data.tables_env,
                self.data.tables_env,
                self._oidc,
                Limits(requests_per_minute=self.settings.requests_per_minute),
                *environment,
            ],
            timeout_s=timeout_s,
            memory_mb=memory_mb,
            at_once=at_once,
        )
        for table in (self.data.table(schema.GUARD), self.data.table(schema.IDENTITY), self.data.table(schema.BILLING)):
            table.allow_reads_and_writes(function)
        return function

    @property
    def _oidc(self) -> Oidc:
        return Oidc(
            oidc_issuer=self.settings.oidc_issuer,
            oidc_audience=self.settings.oidc_audience,
            oidc_jwks_url=self.settings.oidc_jwks_url,
        )
