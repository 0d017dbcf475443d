"""The app as the CDK CLI runs it, and what linters say about the templates."""

import json
import os
import subprocess
import sys
from pathlib import Path

from functions.surfaces import SURFACES
from infra.packaging.assets import ROOT
from infra.stacks.environment import create
from tests.infra.clouds import ENVIRONMENTS, cloud, context

# W3005: CDK makes every function wait for its role and the role's policy; that the role alone is implied does no harm.
IGNORED = "W3005"


def synth(folder: Path, asked: dict[str, object], **variables: str) -> subprocess.CompletedProcess[str]:
    environment = {name: value for name, value in os.environ.items() if name != "CDK_VALIDATION"}
    return subprocess.run(
        [sys.executable, "-m", "infra.app"],
        cwd=ROOT,
        env={**environment, "CDK_OUTDIR": str(folder), "CDK_CONTEXT_JSON": json.dumps(asked), **variables},
        capture_output=True,
        text=True,
        check=False,
    )


def test_prod_passes_the_cdks_own_validation(tmp_path: Path) -> None:
    ran = synth(tmp_path, context("prod"))
    assert ran.returncode == 0, ran.stderr[-2000:]
    report = json.loads((tmp_path / "validation-report.json").read_text())
    assert [plugin["violations"] for plugin in report["pluginReports"] if plugin["violations"]] == []
    assert (tmp_path / "vitrine-prod-endpoint.template.json").exists()


def test_the_embedded_cloud_leaves_the_endpoint_out_even_with_an_image() -> None:
    working = {*(surface.name for surface in SURFACES), "pipeline", "batch", "capture", "reactions", "webhooks"}
    assert set(cloud("local").templates) == {"data", *working, "observability"}
    assert "endpoint" not in cloud("dev").templates
    assert set(cloud("prod").templates) == {*cloud("local").templates, "endpoint", "delivery"}


def test_cfn_lint_finds_nothing() -> None:
    templates = [path for environment in ENVIRONMENTS for path in cloud(environment).folder.glob("*.template.json")]
    command = [str(Path(sys.executable).with_name("cfn-lint")), "--region", "us-east-1", "eu-west-1"]
    ran = subprocess.run(
        [*command, "--ignore-checks", IGNORED, "--", *map(str, sorted(templates))],
        capture_output=True,
        text=True,
        check=False,
    )
    assert ran.returncode == 0, ran.stdout + ran.stderr


def test_the_same_code_gives_the_same_templates(tmp_path: Path) -> None:
    first, second = tmp_path / "1", tmp_path / "2"
    for folder in (first, second):
        create(str(folder), context("local")).synth()
    templates = list(first.glob("*.template.json"))
    assert templates
    for template in templates:
        assert template.read_bytes() == (second / template.name).read_bytes()
