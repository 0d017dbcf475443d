"""The HTTP API of one surface."""

import json
from collections.abc import Collection, Sequence

from aws_cdk import CfnOutput, Duration, RemovalPolicy, Tags
from aws_cdk import aws_apigatewayv2 as apigateway
from aws_cdk import aws_apigatewayv2_integrations as integrations
from aws_cdk import aws_cloudwatch as cloudwatch
from aws_cdk import aws_logs as logs
from constructs import Construct

from infra.constructs.alarm import Alarm, Runbook, Severity
from infra.constructs.function import VitrineFunction
from infra.constructs.nag import accept
from infra.constructs.stack import stack_of

HEADERS = ("authorization", "content-type", "idempotency-key", "if-none-match", "last-event-id", "prefer")
EXPOSED = (
    "etag",
    "idempotent-replayed",
    "location",
    "preference-applied",
    "ratelimit",
    "ratelimit-policy",
    "retry-after",
    "x-request-id",
)
UNKNOWN_SHARE = 10
STRANGERS_SHARE = 5
_UNGUARDED = "Handlers authenticate: an authorizer's 401 cannot have the contract's shape."
ACCESS_LOG = {
    "requestId": "$context.requestId",
    "at": "$context.requestTime",
    "ip": "$context.identity.sourceIp",
    "method": "$context.httpMethod",
    "route": "$context.routeKey",
    # `path` has no query string: an EventSource has to send its token there.
    "path": "$context.path",
    "status": "$context.status",
    "bytes": "$context.responseLength",
    "ms": "$context.responseLatency",
    "integrationMs": "$context.integrationLatency",
    "integrationStatus": "$context.integration.status",
    "integrationError": "$context.integration.error",
    # The function's own lines about it carry this one.
    "functionRequestId": "$context.integration.requestId",
}


class SurfaceApi(apigateway.HttpApi):
    """One route per path, one permission per function, CORS and throttles from the settings, access logs."""

    def __init__(self, scope: Construct, surface: str) -> None:
        settings = stack_of(scope).settings
        super().__init__(
            scope,
            "Api",
            api_name=settings.named(surface),
            create_default_stage=False,
            cors_preflight=_cors(settings.cors_origins),
        )
        self.surface = surface
        self._limits: dict[str, dict[str, int]] = {}
        self._cfn_stage = self._stage()
        if name := dict(settings.domains).get(surface):
            apigateway.CfnApiMapping(self, "Domain", api_id=self.api_id, domain_name=name, stage=self._cfn_stage.ref)
        if settings.local:
            # The emulator takes an API's id from this tag, so that the address is the same after every deploy.
            Tags.of(self).add("ms-custom-id", surface)
        CfnOutput(self, "Url", value=self.api_endpoint, description=f"Base URL of the surface {surface}")
        self.answers_5xx = self._alarm()

    def route(self, function: VitrineFunction, paths: Sequence[str], strangers: Collection[str] = ()) -> None:
        """Send whatever comes for these paths to the function, by any method.

        Those where `strangers` may have something done without a credential (signing in, Stripe's webhook) have a
        fifth of the throttle each, in buckets of their own: whoever floods one keeps nobody from the others.

        It knows which methods there are: one that is missing gets 405 in the surface's own shape, where the gateway
        would answer 404 in another. And an API has a quota of 300 routes.
        """
        if function.rollout:
            # A handler that answers 500 has ended well in the eyes of Lambda.
            function.rollout.add_alarm(self.answers_5xx)
        integration = integrations.HttpLambdaIntegration(
            f"{function.node.id}Integration", function.live, scope_permission_to_route=False
        )
        for path in paths:
            added = self.add_routes(path=path, methods=[apigateway.HttpMethod.ANY], integration=integration)
            accept(added[0], _UNGUARDED, "APIG4")
            if path in strangers:
                self._limit(f"ANY {path}", added[0], STRANGERS_SHARE)

    def _limit(self, key: str, route: Construct, share: int) -> None:
        throttle = stack_of(self).settings.throttle
        self._limits[key] = {
            "ThrottlingRateLimit": max(1, throttle.rate // share),
            "ThrottlingBurstLimit": max(1, throttle.burst // share),
        }
        # A stage refuses settings of a route that is not there yet.
        self._cfn_stage.add_property_override("RouteSettings", self._limits)
        self._cfn_stage.node.add_dependency(route)

    def route_unknown(self, function: VitrineFunction) -> None:
        """Send whatever no route is for to the function, which answers 404 in the surface's own shape.

        Who looks for doors tries many paths. A tenth of the throttle is theirs, in a bucket of its own, so they neither
        cost much nor take from those who call what is there.
        """
        # The permission is the route's own: what calls here is API/STAGE/$default, which API/*/*/* does not cover.
        integration = integrations.HttpLambdaIntegration("UnknownIntegration", function.live)
        route = apigateway.HttpRoute(
            self, "Unknown", http_api=self, integration=integration, route_key=apigateway.HttpRouteKey.DEFAULT
        )
        accept(route, _UNGUARDED, "APIG4")
        self._limit("$default", route, UNKNOWN_SHARE)

    def _stage(self) -> apigateway.CfnStage:
        stack = stack_of(self)
        throttle = stack.settings.throttle
        stage = apigateway.HttpStage(
            self,
            "Stage",
            http_api=self,
            auto_deploy=True,
            throttle=apigateway.ThrottleSettings(rate_limit=throttle.rate, burst_limit=throttle.burst),
        )
        group = logs.LogGroup(
            self,
            "AccessLogs",
            log_group_name=f"/aws/vendedlogs/{stack.settings.named(f'{self.surface}-access')}",
            retention=stack.log_retention,
            removal_policy=RemovalPolicy.DESTROY,
        )
        cfn = stage.node.default_child
        assert isinstance(cfn, apigateway.CfnStage)
        cfn.access_log_settings = apigateway.CfnStage.AccessLogSettingsProperty(
            destination_arn=group.log_group_arn, format=json.dumps(ACCESS_LOG)
        )
        return cfn

    def _alarm(self) -> Alarm:
        return Alarm(
            self,
            "Answers5xx",
            metric=self.metric_server_error(period=Duration.minutes(5), statistic=cloudwatch.Stats.SUM),
            about=f"The API {self.surface} answered requests with a 5xx status",
            runbook=Runbook.API_ANSWERS_5XX,
            severity=Severity.PAGE,
            threshold=5,
        )


def _cors(origins: Sequence[str]) -> apigateway.CorsPreflightOptions:
    return apigateway.CorsPreflightOptions(
        allow_origins=list(origins),
        allow_methods=[apigateway.CorsHttpMethod.ANY],
        allow_headers=list(HEADERS),
        expose_headers=list(EXPOSED),
        max_age=Duration.hours(1),
    )
