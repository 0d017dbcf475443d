"""`vitrine model publish`: put the inference image into SageMaker's model registry, and make the Model of it.

Runs with the dependency group `model`, which nothing else installs: `uv run --group model vitrine model publish …`.
"""

import argparse
import gzip
import hashlib
import io
import json
import re
import tarfile
from pathlib import Path
from typing import Any

import boto3

from infra.errors import CommandError

GROUP = "vitrine-staging"
CONTENT_TYPE = "application/json"
GPU_INSTANCES = ("ml.g5.xlarge", "ml.g6.xlarge", "ml.g4dn.xlarge")
PINNED_IMAGE = re.compile(r"[^@\s]+@sha256:[0-9a-f]{64}")


def register(subparsers: Any) -> None:
    """Add `model publish` to the command line."""
    model: argparse.ArgumentParser = subparsers.add_parser("model", help="the inference image in SageMaker")
    publish = model.add_subparsers(required=True).add_parser("publish", help="register an image, and make a Model")
    publish.add_argument("--image", required=True, help="ECR URI with its digest (REPOSITORY@sha256:…)")
    publish.add_argument("--group", default=GROUP, help="model package group; made when it is not there")
    publish.add_argument("--model-data", help="folder to pack, or S3 URI of a tar.gz; the render engine needs none")
    publish.add_argument("--bucket", help="where a packed folder goes")
    publish.add_argument("--environment", action="append", default=[], metavar="NAME=VALUE")
    publish.add_argument("--instance", action="append", help=f"instance types; default {', '.join(GPU_INSTANCES)}")
    publish.add_argument("--approve", action="store_true", help="approve the version for deployment at once")
    publish.add_argument("--role", help="execution role's ARN: make a Model of the approved version too")
    publish.set_defaults(run=run)


def run(args: argparse.Namespace) -> int:
    """Print what was made as JSON; raises `CommandError` for what cannot be published."""
    _check(args)
    session = _session()
    package = _register(session, args)
    made = {"model_package": package, "model": _make_model(session, package, args.role) if args.role else None}
    print(json.dumps(made, indent=2))
    return 0


def _check(args: argparse.Namespace) -> None:
    if not PINNED_IMAGE.fullmatch(args.image):
        raise CommandError(
            "the image has no digest", "name it as REPOSITORY@sha256:…; a tag may point elsewhere tomorrow"
        )
    if args.role and not args.approve:
        raise CommandError("a Model needs an approved version", "add --approve, or leave --role out")
    if any("=" not in variable for variable in args.environment):
        raise CommandError("a variable has no value", "write --environment NAME=VALUE")
    if args.model_data and not args.model_data.startswith("s3://") and not args.bucket:
        raise CommandError("there is nowhere to put the packed folder", "add --bucket NAME")


def _session() -> Any:
    try:
        from sagemaker.core.helper.session_helper import Session
    except ImportError as error:
        raise CommandError(
            "the sagemaker SDK is not installed", "uv run --group model vitrine model publish …"
        ) from error
    return Session(boto3.session.Session())


def _register(session: Any, args: argparse.Namespace) -> str:
    """The new version's ARN.

    Through the SDK's registry functions: `ModelPackage.create` of 3.27 reads a name from an answer that carries an ARN
    only, and `ModelBuilder.register` asks for a default bucket and reports usage.
    """
    from sagemaker.core.helper.session_helper import container_def
    from sagemaker.core.model_registry import create_model_package_from_containers, get_model_package_args

    environment = dict(variable.split("=", 1) for variable in args.environment)
    container = container_def(args.image, _model_data(args.model_data, args.bucket), environment)
    package = get_model_package_args(
        content_types=[CONTENT_TYPE],
        response_types=[CONTENT_TYPE],
        inference_instances=args.instance or list(GPU_INSTANCES),
        model_package_group_name=args.group,
        container_def_list=[container],
        approval_status="Approved" if args.approve else "PendingManualApproval",
        description="Stages room photos and judges stagings",
    )
    arn: str = create_model_package_from_containers(session, **package)["ModelPackageArn"]
    return arn


def _make_model(session: Any, package: str, role: str) -> str:
    """The name of the Model made of version `package`: the group's name and the version's number."""
    group, version = package.split(":model-package/")[1].split("/")
    name: str = session.create_model(f"{group}-{version}", role, {"ModelPackageName": package})
    return name


def _model_data(given: str | None, bucket: str | None) -> str | None:
    if not given or given.startswith("s3://"):
        return given
    archive = packed(Path(given))
    key = f"models/{hashlib.sha256(archive).hexdigest()}.tar.gz"
    boto3.client("s3").put_object(Bucket=bucket or "", Key=key, Body=archive)
    return f"s3://{bucket}/{key}"


def packed(folder: Path) -> bytes:
    """`folder` as SageMaker unpacks it into /opt/ml/model; the same bytes for the same content."""
    out = io.BytesIO()
    # No time stamps and no owners, so that an unchanged folder keeps its key.
    with tarfile.open(fileobj=out, mode="w") as tar:
        for path in sorted(path for path in folder.rglob("*") if path.is_file()):
            entry = tarfile.TarInfo(str(path.relative_to(folder)))
            entry.size = path.stat().st_size
            with path.open("rb") as file:
                tar.addfile(entry, file)
    return gzip.compress(out.getvalue(), 6, mtime=0)
