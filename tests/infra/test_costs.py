"""infra/COSTS.md against prod's templates, so that its counts and sums stay true."""

import json
import re

import pytest

from infra.packaging.assets import ROOT
from tests.infra.clouds import Resource, cloud

PAGE = (ROOT / "infra" / "COSTS.md").read_text()
README = (ROOT / "README.md").read_text()
FREE_METRICS_OF_A_DASHBOARD = 50


def section(title: str) -> str:
    return PAGE.split(f"## {title}")[1].split("\n## ")[0]


def cells(row: str) -> list[str]:
    return [cell.strip() for cell in row.strip("|").split("|")]


IDLE = [cells(row) for row in section("Idle").splitlines() if row.startswith("| ")][1:]
ONE_IMAGE = [cells(row) for row in section("One staged image").splitlines() if row.startswith("| ")][1:]


def dollars(text: str) -> float:
    return float(text.strip("*").removeprefix("about ").removeprefix("$"))


def cost(row: list[str]) -> float:
    return dollars(row[-1])


def counted(first_words: str) -> list[str]:
    """The row of the idle table that a template decides."""
    (row,) = [row for row in IDLE if row[0].startswith(first_words)]
    assert "*t*" in row[0]
    return row


def metrics_of(dashboard: Resource) -> int:
    return len(re.findall(r'\[\\+"(?:AWS/|Vitrine)', json.dumps(dashboard.properties["DashboardBody"])))


def test_the_alarms_are_those_of_the_templates() -> None:
    row = counted("Alarms")
    assert int(row[1]) == len(cloud("prod").all("AWS::CloudWatch::Alarm"))
    assert cost(row) == pytest.approx((int(row[1]) - 10) * 0.10)
    assert not [alarm.label for alarm in cloud("prod").all("AWS::CloudWatch::Alarm") if "Metrics" in alarm.properties]


def test_the_paid_dashboards_are_those_of_the_templates() -> None:
    sizes = [metrics_of(dashboard) for dashboard in cloud("prod").all("AWS::CloudWatch::Dashboard")]
    assert all(sizes)
    row = counted("Dashboards")
    assert int(row[1]) == len([size for size in sizes if size > FREE_METRICS_OF_A_DASHBOARD])
    assert len(sizes) - int(row[1]) <= 3, "an account has three free ones"
    assert cost(row) == pytest.approx(int(row[1]) * 3.00)


def test_the_secrets_are_those_of_the_templates() -> None:
    row = counted("Secrets")
    assert int(row[1]) == len(cloud("prod").all("AWS::SecretsManager::Secret"))
    assert cost(row) == pytest.approx(int(row[1]) * 0.40)


def test_no_route_has_metrics_of_its_own() -> None:
    assert counted("Metrics of each route")[1] == "0"
    stages = cloud("prod").all("AWS::ApiGatewayV2::Stage")
    assert stages
    for stage in stages:
        settings = [
            stage.properties.get("DefaultRouteSettings", {}),
            *stage.properties.get("RouteSettings", {}).values(),
        ]
        assert not any(setting.get("DetailedMetricsEnabled") for setting in settings), stage.label


def test_no_instance_runs_while_nobody_calls() -> None:
    for target in cloud("prod").all("AWS::ApplicationAutoScaling::ScalableTarget"):
        assert target.properties["MinCapacity"] == 0, target.label


@pytest.mark.parametrize(("rows", "total"), [(IDLE, "together"), (ONE_IMAGE, "without the engine")])
def test_the_rows_sum_up_to_the_total(rows: list[list[str]], total: str) -> None:
    at = [row[0].strip("*") for row in rows].index(total)
    together = cost(rows[at])
    assert sum(cost(row) for row in rows[:at]) == pytest.approx(together, rel=0.05)


def test_the_readme_names_the_same_totals() -> None:
    (idle,) = [row for row in IDLE if row[0] == "**together**"]
    (image,) = [row for row in ONE_IMAGE if row[0] == "**without the engine**"]
    assert f"about **${cost(idle):.0f} a month**" in README
    assert f"about **${cost(image):.4f}**" in README
