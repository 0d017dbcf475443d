"""Everything that one part of a deployment hands to another, as the request that IAM decides about.

Read off the templates: who calls whom stands in alarms' actions, rules' targets, subscriptions, destinations, state
machines' definitions, integrations. What a function does with tables and buckets is its code's to say, and is shown by
the journeys, where the emulator enforces the same policies.
"""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from tests.infra.arns import ACCOUNT, REGION, Resolver
from tests.infra.clouds import Resource, listed
from tests.infra.machines import called_by, states

Json = Mapping[str, Any]
PARTS = ("alarms", "rules", "subscriptions", "destinations", "streams", "machines", "calls", "routes", "engine")
"""Methods of `Deployment`, each of which gives the requests of one part."""
_SESSION = "arn:aws:sts::{account}:assumed-role/{role}/session"
_POLICIES = {
    "AWS::SNS::TopicPolicy": "Topics",
    "AWS::SQS::QueuePolicy": "Queues",
    "AWS::S3::BucketPolicy": "Bucket",
}


@dataclass(frozen=True)
class Request:
    """`principal` is a service's name or a role's ARN; `context` what AWS tells IAM about the call."""

    what: str
    principal: str
    action: str
    resource: str
    context: Mapping[str, str] = field(default_factory=dict)

    def over_http(self) -> "Request":
        return replace(self, context={**self.context, "aws:SecureTransport": "false"})

    def from_another_account(self) -> "Request":
        other = {key: value.replace(ACCOUNT, "210987654321") for key, value in self.context.items()}
        return replace(self, context=other)


@dataclass(frozen=True)
class Deployment:
    resolver: Resolver

    def _all(self, *types: str) -> Iterator[tuple[Resource, Json]]:
        for resource in self.resolver.cloud.all(*types):
            yield resource, self.resolver.of(resource)

    def _by_service(self, service: str, source: str, action: str, resource: str) -> Request:
        context = {"aws:SourceArn": source, "aws:SourceAccount": ACCOUNT, "aws:SecureTransport": "true"}
        name = source.split(":", 5)[5]
        return Request(f"{name} -> {resource.split(':', 5)[5]}", f"{service}.amazonaws.com", action, resource, context)

    def _by_role(self, role: str, what: str, action: str, resource: str) -> Request:
        return Request(what, role, action, resource, {"aws:SecureTransport": "true"})

    # Who hands what to whom.

    def requests(self) -> list[Request]:
        return [request for part in PARTS for request in getattr(self, part)()]

    def alarms(self) -> Iterator[Request]:
        for resource, alarm in self._all("AWS::CloudWatch::Alarm"):
            told = {*alarm.get("AlarmActions", []), *alarm.get("OKActions", [])}
            for topic in sorted(told):
                if ":sns:" in topic:
                    yield self._by_service("cloudwatch", self.resolver.arn(resource), "sns:Publish", topic)

    def rules(self) -> Iterator[Request]:
        for resource, rule in self._all("AWS::Events::Rule"):
            arn = self.resolver.arn(resource)
            for target in rule["Targets"]:
                if ":lambda:" in target["Arn"]:
                    yield self._by_service("events", arn, "lambda:InvokeFunction", target["Arn"])
                else:
                    what = f"{resource.label} -> {target['Arn']}"
                    yield self._by_role(target["RoleArn"], what, "states:StartExecution", target["Arn"])
                yield self._by_service("events", arn, "sqs:SendMessage", target["DeadLetterConfig"]["Arn"])

    def subscriptions(self) -> Iterator[Request]:
        for _, subscribed in self._all("AWS::SNS::Subscription"):
            topic = subscribed["TopicArn"]
            if subscribed["Protocol"] == "lambda":
                yield self._by_service("sns", topic, "lambda:InvokeFunction", subscribed["Endpoint"])
                dead = subscribed["RedrivePolicy"]["deadLetterTargetArn"]
                yield self._by_service("sns", topic, "sqs:SendMessage", dead)

    def destinations(self) -> Iterator[Request]:
        for resource, config in self._all("AWS::Lambda::EventInvokeConfig"):
            yield self._by_function(resource, config["FunctionName"], config["DestinationConfig"])

    def streams(self) -> Iterator[Request]:
        for resource, mapping in self._all("AWS::Lambda::EventSourceMapping"):
            function = mapping["FunctionName"].split(":")[0]
            yield self._by_function(resource, function, mapping["DestinationConfig"])
            for action in ("DescribeStream", "GetRecords", "GetShardIterator"):
                what = f"{resource.label} -> {action}"
                stream = mapping["EventSourceArn"]
                yield self._by_role(self._role_of(function), what, f"dynamodb:{action}", stream)

    def _by_function(self, resource: Resource, function: str, config: Json) -> Request:
        queue = config["OnFailure"]["Destination"]
        return self._by_role(self._role_of(function), f"{resource.label} -> {queue}", "sqs:SendMessage", queue)

    def machines(self) -> Iterator[Request]:
        for resource, machine in self._all("AWS::StepFunctions::StateMachine"):
            for state in states(json.loads(machine["DefinitionString"])).values():
                if state["Type"] != "Task":
                    continue
                function = called_by(state)
                what = f"{resource.label} -> {function}"
                yield self._by_role(machine["RoleArn"], what, "lambda:InvokeFunction", function)

    def calls(self) -> Iterator[Request]:
        """A function that waits for another one is told its ARN."""
        for _, function in self._all("AWS::Lambda::Function"):
            for name, value in function.get("Environment", {}).get("Variables", {}).items():
                if name.endswith("_ARN") and ":lambda:" in value:
                    what = f"{function['FunctionName']} -> {value}"
                    yield self._by_role(function["Role"], what, "lambda:InvokeFunction", value)

    def routes(self) -> Iterator[Request]:
        called = {
            (resource.stack, resource.id): integration["IntegrationUri"]
            for resource, integration in self._all("AWS::ApiGatewayV2::Integration")
        }
        for resource, route in self._all("AWS::ApiGatewayV2::Route"):
            path = route["RouteKey"].removeprefix("ANY ").replace("{", "").replace("}", "")
            arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{route['ApiId']}/$default/GET{path}"
            if route["RouteKey"] == "$default":
                arn = f"arn:aws:execute-api:{REGION}:{ACCOUNT}:{route['ApiId']}/$default/$default"
            (ref,) = (part["Ref"] for part in resource.properties["Target"]["Fn::Join"][1] if isinstance(part, dict))
            yield self._by_service("apigateway", arn, "lambda:InvokeFunction", called[resource.stack, ref])

    def engine(self) -> Iterator[Request]:
        models = {model["ModelName"]: model for _, model in self._all("AWS::SageMaker::Model") if "ModelName" in model}
        roles = {model["ExecutionRoleArn"] for _, model in self._all("AWS::SageMaker::Model")}
        assert len(roles) == 1, models
        (role,) = roles
        for resource, config in self._all("AWS::SageMaker::EndpointConfig"):
            output = config.get("AsyncInferenceConfig", {}).get("OutputConfig")
            if output is None:
                continue
            for topic in output["NotificationConfig"].values():
                yield self._by_role(role, f"{resource.label} -> {topic}", "sns:Publish", topic)
            for path in (output["S3OutputPath"], output["S3FailurePath"]):
                arn = f"arn:aws:s3:::{path.removeprefix('s3://')}/one.out"
                yield self._by_role(role, f"{resource.label} -> {path}", "s3:PutObject", arn)

    # What IAM is asked.

    def _role_of(self, function: str) -> str:
        (role,) = (each["Role"] for _, each in self._all("AWS::Lambda::Function") if each["FunctionName"] == function)
        return str(role)

    def simulations(self, requests: Sequence[Request]) -> list[Json]:
        identities, resources = self._identity_policies(), self._resource_policies()
        return [_simulation(request, identities, resources) for request in requests]

    def _identity_policies(self) -> Mapping[str, list[Json]]:
        found: dict[str, list[Json]] = {}
        for resource, policy in self._all("AWS::IAM::Policy"):
            for role in policy["Roles"]:
                named = {"name": resource.id, "policy": policy["PolicyDocument"]}
                found.setdefault(f"arn:aws:iam::{ACCOUNT}:role/{role}", []).append(named)
        return found

    def _resource_policies(self) -> Mapping[str, Json]:
        found: dict[str, list[Json]] = {}
        for resource, policy in self._all(*_POLICIES):
            for of in listed(policy[_POLICIES[resource.type]]):
                found.setdefault(_arn_of(of, resource.type), []).extend(policy["PolicyDocument"]["Statement"])
        for _, permission in self._all("AWS::Lambda::Permission"):
            found.setdefault(permission["FunctionName"], []).append(_statement(permission))
        return {arn: {"Version": "2012-10-17", "Statement": statements} for arn, statements in found.items()}


def _arn_of(named: str, policy: str) -> str:
    """A topic's policy names it by ARN, a queue's by URL, a bucket's by name."""
    if policy == "AWS::SQS::QueuePolicy":
        return f"arn:aws:sqs:{REGION}:{ACCOUNT}:{named.rsplit('/', 1)[1]}"
    return f"arn:aws:s3:::{named}" if policy == "AWS::S3::BucketPolicy" else named


def _statement(permission: Json) -> Json:
    """What Lambda writes into the function's policy for a permission."""
    condition: dict[str, Any] = {}
    if "SourceArn" in permission:
        condition["ArnLike"] = {"AWS:SourceArn": permission["SourceArn"]}
    if "SourceAccount" in permission:
        condition["StringEquals"] = {"AWS:SourceAccount": permission["SourceAccount"]}
    return {
        "Effect": "Allow",
        "Principal": {"Service": permission["Principal"]},
        "Action": permission["Action"],
        "Resource": permission["FunctionName"],
        **({"Condition": condition} if condition else {}),
    }


def _simulation(request: Request, identities: Mapping[str, list[Json]], resources: Mapping[str, Json]) -> Json:
    # A bucket's policy is the bucket's, and what is asked for an object in it.
    of = request.resource.split("/")[0] if ":s3:::" in request.resource else request.resource
    role = request.principal.rsplit("/", 1)[-1]
    service = request.principal.endswith(".amazonaws.com")
    principal = request.principal if service else _SESSION.format(account=ACCOUNT, role=role)
    return {
        "request": {
            "principal": principal,
            "action": request.action,
            "resource": {"resource": request.resource, "accountId": ACCOUNT},
            "contextVariables": dict(request.context),
        },
        "identityPolicies": [] if service else list(identities.get(request.principal, [])),
        "serviceControlPolicies": [],
        "resourceControlPolicies": [],
        **({"resourcePolicy": policy} if (policy := resources.get(of)) else {}),
    }
