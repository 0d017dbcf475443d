"""The surface stagecraft: its HTTP API and one function per context."""

from collections.abc import Sequence

from constructs import Construct

from infra.constructs.api import SurfaceApi
from infra.constructs.function import VitrineFunction
from infra.packaging.assets import Assets
from infra.settings import Settings
from infra.stacks import webhooks
from infra.stacks.data import DataStack, UsingDataStack
from infra.stacks.names import engine_capacity
from infra.stacks.realstaging import QUICK_MB
from vitrine.kernel import schema
from vitrine.kernel.environment import Environment

SURFACE = "stagecraft"
GROUP = "stagecraft_api"


class StagecraftStack(UsingDataStack):
    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets, data: DataStack) -> None:
        super().__init__(scope, SURFACE, settings=settings, assets=assets, data=data, about=f"the surface {SURFACE}")
        self.api = SurfaceApi(self, SURFACE)
        self._account()
        self._auth()
        self._health()
        self._webhooks()
        self._stagings()
        self._batches()
        self._uploads()
        self._styles()

    def _account(self) -> None:
        function = self._signed_in("account", "An account: its plan, usage, preferences and keys", self.data.tables_env)
        self.data.table(schema.BILLING).allow_reads(function)
        self.data.table(schema.STAGING).allow_reads(function)
        self.api.route(
            function,
            [
                "GET /api/account",
                "PATCH /api/account",
                "POST /api/account/keys",
                "DELETE /api/account/keys/{key_id}",
            ],
        )

    def _auth(self) -> None:
        function = self._signed_in("auth", "Changes API keys and refresh tokens for tokens", self.data.tables_env)
        self.api.route(function, ["POST /api/auth/token", "POST /api/auth/refresh"])

    def _health(self) -> None:
        function = self._public("health", "Says how the service does", self.data.tables_env)
        self.data.table(schema.GUARD).allow_reads(function)
        self.api.route(function, ["GET /api/health"])

    def _webhooks(self) -> None:
        function = self._signed_in(
            "webhooks",
            "Webhooks of an account, and the log of their deliveries",
            self.data.tables_env,
            self.data.tables_env,
            *webhooks.environment(self, self.data),
            self.data.cursor_key_env,
        )
        webhooks.allow(function, self.data)
        self.data.cursor_key.grant_read(function)
        self.api.route(function, webhooks.routes("/api/webhooks"))

    def _stagings(self) -> None:
        function = self._takes_photos("staging", "Takes photos to stage, and tells what became of them", timeout_s=29)
        # How far the engine is lies beside its results.
        self.data.media.allow_get(function, "published/", "inference/")
        self.data.media.allow_listing(function)
        self.api.route(function, ["POST /api/stage", "GET /api/stage/{staging_id}"])

    def _batches(self) -> None:
        capacity = engine_capacity(self.settings)
        function = self._takes_photos("batches", "Takes batches of photos, and tells how they do", capacity)
        self.api.route(function, ["POST /api/stage/batch", "GET /api/stage/batch/{batch_id}"])

    def _uploads(self) -> None:
        function = self._signed_in("uploads", "Presigns uploads", self.data.tables_env, self.data.buckets_env)
        self.data.table(schema.ASSETS).allow_reads_and_writes(function)
        self.data.uploads.allow_put(function, "uploads/")
        self.api.route(function, ["POST /api/uploads/presign"])

    def _styles(self) -> None:
        styles = self._public("styles", "Lists the styles and shows a room in each")
        self.api.route(styles, ["GET /api/styles", "GET /api/styles/{style_id}/preview"])
        reference = self._public("reference", "Serves the OpenAPI document")
        self.api.route(reference, ["GET /openapi.json"])

    def _takes_photos(self, name: str, about: str, *environment: Environment, timeout_s: int = 20) -> VitrineFunction:
        everything = (self.data.tables_env, self.data.buckets_env, *environment)
        function = self._signed_in(name, about, *everything, timeout_s=timeout_s)
        for table in (
            self.data.table(schema.ASSETS),
            self.data.table(schema.JOBS),
            self.data.table(schema.BILLING),
            self.data.table(schema.STAGING),
        ):
            table.allow_reads_and_writes(function)
        self.data.uploads.allow_put(function, "uploads/")
        self.data.uploads.allow_get(function, "uploads/")
        return function

    def _signed_in(
        self, name: str, about: str, *environment: Environment, timeout_s: int = 10, memory_mb: int = QUICK_MB
    ) -> VitrineFunction:
        """A function whose callers send an API key or an access token; use of a key is noted with its account."""
        known = [self.data.tables_env, self.data.account_secrets_env, *environment]
        function = self._function(name, about, known, timeout_s, memory_mb)
        for table in (self.data.table(schema.GUARD), self.data.table(schema.IDENTITY)):
            table.allow_reads_and_writes(function)
        for secret in (self.data.key_pepper, self.data.token_secret):
            secret.grant_read(function)
        return function

    def _public(self, name: str, about: str, *environment: Environment) -> VitrineFunction:
        return self._function(name, about, environment, timeout_s=10, memory_mb=QUICK_MB)

    def _function(
        self, name: str, about: str, environment: Sequence[Environment], timeout_s: int, memory_mb: int
    ) -> VitrineFunction:
        return VitrineFunction(
            self, GROUP, name, about=about, environment=environment, timeout_s=timeout_s, memory_mb=memory_mb
        )
