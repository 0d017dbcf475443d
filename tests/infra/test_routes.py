"""Deployed routes = the contract's rows, each to the function that answers it."""

import csv
from pathlib import Path

import pytest

from infra.packaging.assets import ROOT
from tests.infra.clouds import ENVIRONMENTS, Cloud, cloud, text

COPY = ROOT / "tests" / "support" / "routes.csv"
ORIGINAL = ROOT.parent / "shared" / "contracts" / "routes.csv"
EXTRA = ROOT / "tests" / "support" / "extra_routes.csv"
"""Routes of ours that no document asks for."""
OURS = {"GET /openapi.json"}
SURFACES = ("realstaging", "stagecraft")


def rows(path: Path, *surfaces: str) -> list[dict[str, str]]:
    with path.open(newline="") as file:
        return [row for row in csv.DictReader(file) if row["surface"] in surfaces]


@pytest.fixture(params=ENVIRONMENTS)
def anywhere(request: pytest.FixtureRequest) -> Cloud:
    return cloud(request.param)


@pytest.mark.parametrize("surface", SURFACES)
def test_the_deployed_routes_are_the_contracts_and_the_document_itself(anywhere: Cloud, surface: str) -> None:
    routes = [route for route in anywhere.all("AWS::ApiGatewayV2::Route") if route.stack == surface]
    wanted = {f"{row['method']} {row['path']}" for row in (*rows(COPY, surface), *rows(EXTRA, surface))} | OURS
    assert wanted <= {route.properties["RouteKey"] for route in routes}
    others = {f"ANY {route.split(' ')[1]}" for route in wanted}
    assert {route.properties["RouteKey"] for route in routes} <= wanted | others


def test_every_path_answers_the_methods_that_it_does_not_know(anywhere: Cloud) -> None:
    for api in SURFACES:
        keys = {r.properties["RouteKey"] for r in anywhere.all("AWS::ApiGatewayV2::Route") if r.stack == api}
        assert {key.split(" ")[1] for key in keys} == {key[4:] for key in keys if key.startswith("ANY ")}


@pytest.mark.skipif(not ORIGINAL.exists(), reason="the shared contracts are not on this machine")
def test_our_copy_of_the_contracts_rows_is_current() -> None:
    assert rows(COPY, *SURFACES) == rows(ORIGINAL, *SURFACES)


@pytest.mark.parametrize("surface", SURFACES)
def test_every_function_of_the_api_may_be_called_by_it_once_and_by_nothing_else(anywhere: Cloud, surface: str) -> None:
    permissions = [
        permission.properties
        for permission in anywhere.all("AWS::Lambda::Permission")
        if permission.properties["Principal"] == "apigateway.amazonaws.com" and permission.stack == surface
    ]
    called = [text(permission["FunctionName"]) for permission in permissions]
    functions = [function for function in anywhere.all("AWS::Lambda::Function") if function.stack == surface]
    assert len(called) == len(set(called)) == len(functions)
    assert all("execute-api" in text(permission["SourceArn"]) for permission in permissions)


def test_access_logs_hold_no_query_string_since_an_eventsource_sends_its_token_there(anywhere: Cloud) -> None:
    for stage in anywhere.all("AWS::ApiGatewayV2::Stage"):
        logged = stage.properties["AccessLogSettings"]["Format"]
        assert "$context.path" in logged
        assert not any(
            word in logged for word in ("queryString", "requestUri", "protocol", "authorization", "identity.user")
        )


def test_the_gateway_throttles_and_answers_preflights(anywhere: Cloud) -> None:
    for stage in anywhere.all("AWS::ApiGatewayV2::Stage"):
        assert stage.properties["DefaultRouteSettings"]["ThrottlingRateLimit"] > 0
        assert stage.properties["DefaultRouteSettings"]["ThrottlingBurstLimit"] > 0
    for api in anywhere.all("AWS::ApiGatewayV2::Api"):
        headers = api.properties["CorsConfiguration"]["AllowHeaders"]
        assert {"authorization", "content-type", "idempotency-key", "last-event-id", "prefer"} <= set(headers)


def test_only_the_embedded_clouds_api_has_the_tag_that_fixes_its_address() -> None:
    def tagged(environment: str) -> set[object]:
        apis = cloud(environment).all("AWS::ApiGatewayV2::Api")
        return {api.properties["Tags"].get("ms-custom-id") for api in apis}

    assert tagged("local") == set(SURFACES)
    assert tagged("prod") == {None}
