"""What CloudFormation would put in place of a template's functions, so that policies and what they are about meet."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from tests.infra.clouds import Cloud, Resource

ACCOUNT = "123456789012"
REGION = "eu-west-1"
PSEUDO = {
    "AWS::AccountId": ACCOUNT,
    "AWS::Region": REGION,
    "AWS::Partition": "aws",
    "AWS::URLSuffix": "amazonaws.com",
}
_NAMED_BY = {
    "AWS::Lambda::Function": ("lambda", "function:", "FunctionName"),
    "AWS::SQS::Queue": ("sqs", "", "QueueName"),
    "AWS::SNS::Topic": ("sns", "", "TopicName"),
    "AWS::StepFunctions::StateMachine": ("states", "stateMachine:", "StateMachineName"),
    "AWS::DynamoDB::Table": ("dynamodb", "table/", "TableName"),
    "AWS::SecretsManager::Secret": ("secretsmanager", "secret:", "Name"),
    "AWS::CloudWatch::Alarm": ("cloudwatch", "alarm:", "AlarmName"),
    "AWS::Events::EventBus": ("events", "event-bus/", "Name"),
    "AWS::Logs::LogGroup": ("logs", "log-group:", "LogGroupName"),
    "AWS::ECR::Repository": ("ecr", "repository/", "RepositoryName"),
    "AWS::SageMaker::Model": ("sagemaker", "model/", "ModelName"),
    "AWS::SageMaker::EndpointConfig": ("sagemaker", "endpoint-config/", "EndpointConfigName"),
    "AWS::Lambda::LayerVersion": ("lambda", "layer:", "LayerName"),
}
"""By type: the service in the ARN, what stands before the name, and the property that names it, if anything does."""
_REF_IS_ARN = {
    "AWS::SNS::Topic",
    "AWS::StepFunctions::StateMachine",
    "AWS::SecretsManager::Secret",
    "AWS::Lambda::LayerVersion",
}


@dataclass(frozen=True)
class Resolver:
    """The values of one environment's templates, deployed into one account and region."""

    cloud: Cloud

    @cached_property
    def _exports(self) -> Mapping[str, tuple[str, Any]]:
        return {
            output["Export"]["Name"]: (stack, output["Value"])
            for stack, template in self.cloud.templates.items()
            for output in template.get("Outputs", {}).values()
            if "Export" in output
        }

    def of(self, resource: Resource) -> Any:
        """The resource's properties, with nothing left to resolve."""
        return self.value(resource.stack, resource.properties)

    def value(self, stack: str, written: Any) -> Any:
        if isinstance(written, list):
            return [self.value(stack, each) for each in written]
        if not isinstance(written, dict):
            return written
        if len(written) == 1:
            ((name, argument),) = written.items()
            if name == "Ref" or name.startswith("Fn::"):
                return self._function(stack, name, argument)
        return {key: self.value(stack, each) for key, each in written.items()}

    def arn(self, resource: Resource) -> str:
        kind, stack = resource.type, resource.stack
        if kind == "AWS::S3::Bucket":
            return f"arn:aws:s3:::{self._name(resource, 'BucketName')}"
        if kind == "AWS::IAM::Role":
            return f"arn:aws:iam::{ACCOUNT}:role/{self._name(resource, 'RoleName')}"
        if kind == "AWS::Events::Rule":
            bus = self.value(stack, resource.properties.get("EventBusName"))
            return f"arn:aws:events:{REGION}:{ACCOUNT}:rule/{f'{bus}/' if bus else ''}{self._name(resource, 'Name')}"
        if kind == "AWS::Lambda::Alias":
            function = self.value(stack, resource.properties["FunctionName"])
            return f"arn:aws:lambda:{REGION}:{ACCOUNT}:function:{function}:{resource.properties['Name']}"
        service, before, named_by = _NAMED_BY[kind]
        return f"arn:aws:{service}:{REGION}:{ACCOUNT}:{before}{self._name(resource, named_by)}"

    def _name(self, resource: Resource, named_by: str) -> str:
        given = self.value(resource.stack, resource.properties.get(named_by))
        return str(given or f"{resource.stack}-{resource.id}")

    def _resource(self, stack: str, id_: str) -> Resource:
        body = self.cloud.templates[stack]["Resources"][id_]
        return Resource(stack, id_, body["Type"], body)

    def _function(self, stack: str, name: str, argument: Any) -> Any:
        match name:
            case "Ref":
                return PSEUDO[argument] if argument in PSEUDO else self._ref(self._resource(stack, argument))
            case "Fn::GetAtt":
                return self._attribute(self._resource(stack, argument[0]), argument[1])
            case "Fn::ImportValue":
                return self.value(*self._exports[argument])
            case "Fn::Join":
                return str(argument[0]).join(str(each) for each in self.value(stack, argument[1]))
            case "Fn::Split":
                return str(self.value(stack, argument[1])).split(argument[0])
            case "Fn::Select":
                return self.value(stack, argument[1])[int(argument[0])]
            case "Fn::Sub":
                return re.sub(r"\$\{([^}]+)\}", lambda m: str(self._function(stack, "Ref", m[1])), argument)
        raise NotImplementedError(name)

    def _ref(self, resource: Resource) -> str:
        match resource.type:
            case "AWS::Lambda::Alias":
                return self.arn(resource)
            case "AWS::SQS::Queue":
                return f"https://sqs.{REGION}.amazonaws.com/{ACCOUNT}/{self._name(resource, 'QueueName')}"
            case kind if kind in _REF_IS_ARN:
                return self.arn(resource)
            case kind if kind in _NAMED_BY:
                return self._name(resource, _NAMED_BY[kind][2])
            case "AWS::S3::Bucket":
                return self._name(resource, "BucketName")
            case "AWS::IAM::Role":
                return self._name(resource, "RoleName")
        return resource.id.lower()

    def _attribute(self, resource: Resource, attribute: str) -> str:
        if attribute == "StreamArn":
            return f"{self.arn(resource)}/stream/label"
        if attribute == "Arn" or (resource.type, attribute) == ("AWS::SecretsManager::Secret", "Id"):
            return self.arn(resource)
        if resource.type in _NAMED_BY and attribute == _NAMED_BY[resource.type][2]:
            return self._name(resource, attribute)
        return f"{resource.id}-{attribute}"
