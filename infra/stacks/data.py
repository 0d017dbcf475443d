"""What lives long: tables, buckets, the bus, secrets and topics. Other stacks refer to these; nothing here computes."""

from typing import cast

from aws_cdk import CfnOutput, SecretValue
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_events as events
from aws_cdk import aws_secretsmanager as secrets
from aws_cdk import aws_sns_subscriptions as subscriptions
from constructs import Construct

from infra.constructs.alarm import AlarmTopics
from infra.constructs.bucket import PhotoBucket
from infra.constructs.nag import accept
from infra.constructs.stack import VitrineStack
from infra.constructs.table import Table
from infra.constructs.topic import Topic
from infra.packaging.assets import Assets
from infra.settings import Settings
from vitrine.kernel import schema
from vitrine.kernel.environment import AccountSecrets, Buckets, Bus, CursorKey, SigningSecret, StripeKey, StripeSecret

INFERENCE_DAYS = 14
"""The endpoint's in- and output is copied to where it belongs when a job ends; this is for looking into failures."""

UPLOAD_DAYS = 7
"""What was inspected is kept as the original; the upload itself is for looking into inspections that failed."""


class DataStack(VitrineStack):
    def __init__(self, scope: Construct, *, settings: Settings, assets: Assets) -> None:
        super().__init__(scope, "data", settings=settings, assets=assets, alarms=None, about="what lives long")
        self._tables = {table: Table(self, table) for table in schema.TABLES}
        self._buckets()
        self._secrets()
        self.bus = events.EventBus(self, "Status", event_bus_name=settings.named("status"))
        self.inference_done = Topic(self, "InferenceDone", about="Vitrine: the endpoint has an answer")
        self.inference_failed = Topic(self, "InferenceFailed", about="Vitrine: the endpoint has none")
        self.alarm_topics = self._alarm_topics()
        self._domains()
        self._tell()

    def _buckets(self) -> None:
        self.uploads = PhotoBucket(
            self,
            "Uploads",
            expire={"uploads/": UPLOAD_DAYS, "org/": UPLOAD_DAYS},
            uploads_from=self.settings.cors_origins,
            announce=True,
        )
        self.media = PhotoBucket(self, "Media", expire={"inference/": INFERENCE_DAYS})
        for bucket in (self.uploads, self.media):
            accept(bucket, "Object reads are by presigned URL; who asked for one is in the API's access log.", "S1")
            accept(bucket, "Only the embedded cloud, which has no TLS, takes requests without.", "S10")

    def _secrets(self) -> None:
        given = self.settings.stripe_webhook_secret
        cursor_key = self._generated("CursorKey", "Signs list cursors and download addresses")
        key_pepper = self._generated("KeyPepper", "Keys the digests of API keys")
        token_secret = self._generated("TokenSecret", "Signs access tokens; newest first, one per line")
        signing = self._generated("SigningSecret", "Makes the keys of devices' and users' tokens; newest first")
        stripe_secret = secrets.Secret(
            self,
            "StripeWebhook",
            description="Stripe's webhook signing secrets, newest first, one per line",
            secret_string_value=SecretValue.unsafe_plain_text(given) if given else None,
            removal_policy=self.data_removal,
        )
        why = "A new key breaks the cursors and download addresses in use; replace it by hand when it leaks."
        accept(cursor_key, why, "SMG4")
        given_key = self.settings.stripe_api_key
        stripe_key = secrets.Secret(
            self,
            "StripeApiKey",
            description="The key for calls to Stripe, a restricted one (rk_...) for prices, checkout and the portal",
            secret_string_value=SecretValue.unsafe_plain_text(given_key) if given_key else None,
            removal_policy=self.data_removal,
        )
        accept(stripe_key, "Stripe makes this key; it is rolled there and pasted here.", "SMG4")
        accept(stripe_secret, "Stripe makes this secret; it is rolled there and pasted here.", "SMG4")
        accept(key_pepper, "A new pepper would end every API key; replace it by hand when it leaks.", "SMG4")
        accept(token_secret, "A new secret is added by hand above the old one, which stays for 15 minutes.", "SMG4")
        accept(
            signing,
            "`vitrine organisation rotate-keys` adds a line; the ones before it stay.",
            "SMG4",
        )
        self.signing_secret = _by_arn(signing)
        self.cursor_key, self.stripe_secret = _by_arn(cursor_key), _by_arn(stripe_secret)
        self.stripe_key = _by_arn(stripe_key)
        self.key_pepper, self.token_secret = _by_arn(key_pepper), _by_arn(token_secret)

    def _generated(self, id_: str, about: str) -> secrets.Secret:
        return secrets.Secret(
            self,
            id_,
            description=about,
            generate_secret_string=secrets.SecretStringGenerator(password_length=64, exclude_punctuation=True),
            removal_policy=self.data_removal,
        )

    def _alarm_topics(self) -> AlarmTopics:
        settings = self.settings
        return AlarmTopics(
            page=self._alarm_topic("Alarms", "somebody gets up", settings.page_email or settings.alarm_email),
            warn=self._alarm_topic("Warnings", "somebody looks on the next workday", settings.alarm_email),
        )

    def _alarm_topic(self, id_: str, what: str, email: str | None) -> Topic:
        topic = Topic(self, id_, about=f"Vitrine {self.settings.environment} {id_.lower()}: {what}")
        topic.allow_publishing("cloudwatch.amazonaws.com")
        if email:
            topic.add_subscription(subscriptions.EmailSubscription(email))
        return topic

    def _domains(self) -> None:
        """Here and not beside their APIs: one that is made anew finds its name, and the DNS records stay true."""
        for surface, name in self.settings.domains:
            domain = apigateway.CfnDomainName(
                self,
                f"{surface.title()}Domain",
                domain_name=name,
                domain_name_configurations=[
                    apigateway.CfnDomainName.DomainNameConfigurationProperty(
                        certificate_arn=self.settings.certificate,
                        endpoint_type="REGIONAL",
                        security_policy="TLS_1_2",
                    )
                ],
            )
            domain.apply_removal_policy(self.data_removal)
            CfnOutput(
                self,
                f"{surface.title()}DomainIs",
                value=domain.attr_regional_domain_name,
                description=f"Where the DNS record of {name} points (CNAME, or an alias record)",
            )

    def _tell(self) -> None:
        """Outputs that the local commands and an operator look up."""
        for id_, value in {
            "UploadsBucket": self.uploads.bucket_name,
            "MediaBucket": self.media.bucket_name,
            "InferenceDoneTopic": self.inference_done.topic_arn,
            "InferenceFailedTopic": self.inference_failed.topic_arn,
            "StripeWebhookSecret": self.stripe_secret.secret_arn,
            "StripeApiKey": self.stripe_key.secret_arn,
            "KeyPepper": self.key_pepper.secret_arn,
            "TokenSecret": self.token_secret.secret_arn,
            "SigningSecret": self.signing_secret.secret_arn,
            **{f"{table.made_from.name.title()}Table": table.table_name for table in self.tables},
        }.items():
            CfnOutput(self, f"{id_}Is", value=value)

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(self._tables.values())

    def table(self, declared: schema.TableSchema) -> Table:
        return self._tables[declared]

    # What functions are given about these things.

    @property
    def tables_env(self) -> schema.TableNames:
        """The names of all tables. Stores name theirs as they are imported, so a function is given the names whether or
        not it may touch the tables: that, its policy says."""
        return schema.TableNames(deployed={table.made_from.name: table.table_name for table in self.tables})

    @property
    def buckets_env(self) -> Buckets:
        return Buckets(uploads_bucket=self.uploads.bucket_name, media_bucket=self.media.bucket_name)

    @property
    def bus_env(self) -> Bus:
        return Bus(status_bus=self.bus.event_bus_name)

    @property
    def cursor_key_env(self) -> CursorKey:
        return CursorKey(cursor_key_secret_arn=self.cursor_key.secret_arn)

    @property
    def account_secrets_env(self) -> AccountSecrets:
        return AccountSecrets(
            key_pepper_secret_arn=self.key_pepper.secret_arn, token_secret_arn=self.token_secret.secret_arn
        )

    @property
    def signing_env(self) -> SigningSecret:
        return SigningSecret(signing_secret_arn=self.signing_secret.secret_arn)

    @property
    def stripe_env(self) -> StripeSecret:
        return StripeSecret(stripe_webhook_secret_arn=self.stripe_secret.secret_arn)

    @property
    def stripe_key_env(self) -> StripeKey:
        return StripeKey(stripe_api_key_secret_arn=self.stripe_key.secret_arn)


class UsingDataStack(VitrineStack):
    """A stack of what works on the data; its alarms go to the data's topic."""

    def __init__(
        self, scope: Construct, name: str, *, settings: Settings, assets: Assets, data: DataStack, about: str
    ) -> None:
        super().__init__(scope, name, settings=settings, assets=assets, alarms=data.alarm_topics, about=about)
        self.data = data


def _by_arn(secret: secrets.Secret) -> secrets.ISecret:
    """The secret under its attribute Id, which is its ARN everywhere; Ref is a bare name on the emulator, and a policy
    that names it allows nothing."""
    resource = cast(secrets.CfnSecret, secret.node.default_child)
    return secrets.Secret.from_secret_complete_arn(secret, "ByArn", resource.attr_id)
