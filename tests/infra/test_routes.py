"""Deployed routes = the documents' paths, each to the function that answers it."""

import pytest

from functions.surfaces import SURFACES
from infra.documents import load, operations
from infra.packaging.assets import ROOT
from tests.infra.clouds import Cloud, Resource, cloud, text
from vitrine.kernel.surface import Surface

COPY = ROOT / "tests" / "support" / "routes.csv"
ORIGINAL = ROOT.parent / "shared" / "contracts" / "routes.csv"
NAMES = [surface.name for surface in SURFACES]


@pytest.mark.parametrize("surface", SURFACES, ids=NAMES)
def test_the_gateway_has_one_route_for_each_path_of_the_document_and_one_for_all_others(
    anywhere: Cloud, surface: Surface
) -> None:
    deployed = {
        route.properties["RouteKey"]: function_of(anywhere, route)
        for route in anywhere.all("AWS::ApiGatewayV2::Route")
        if route.stack == surface.name
    }
    promised = {
        f"ANY {operation.path}": f"{surface.package}.{operation.function}.handler"
        for operation in operations(load(surface))
    }
    assert deployed == promised | {"$default": f"{surface.package}.reference.handler"}


def test_paths_that_nobody_knows_share_a_small_throttle_of_their_own(anywhere: Cloud) -> None:
    for stage in anywhere.all("AWS::ApiGatewayV2::Stage"):
        unknown, known = stage.properties["RouteSettings"]["$default"], stage.properties["DefaultRouteSettings"]
        for limit in ("ThrottlingRateLimit", "ThrottlingBurstLimit"):
            assert 0 < unknown[limit] <= known[limit] / 10


def test_what_strangers_may_have_done_has_a_throttle_of_its_own(anywhere: Cloud) -> None:
    for surface in SURFACES:
        (stage,) = (each for each in anywhere.all("AWS::ApiGatewayV2::Stage") if each.stack == surface.name)
        limited = stage.properties["RouteSettings"]
        doing = {f"ANY {each.path}" for each in operations(load(surface)) if each.is_public and each.method != "GET"}
        assert limited.keys() - {"$default"} == doing
        for key in doing:
            assert (
                limited[key]["ThrottlingRateLimit"] * 5
                == stage.properties["DefaultRouteSettings"]["ThrottlingRateLimit"]
            )


def test_an_api_that_is_made_anew_keeps_the_name_that_customers_know() -> None:
    names = {each.properties["DomainName"]: each for each in cloud("prod").all("AWS::ApiGatewayV2::DomainName")}
    assert names.keys() == {"api.example.com", "luxury.example.com"}
    assert {name.stack for name in names.values()} == {"data"}
    assert {name.body["DeletionPolicy"] for name in names.values()} == {"RetainExceptOnCreate"}
    mapped = {each.stack: each.properties for each in cloud("prod").all("AWS::ApiGatewayV2::ApiMapping")}
    assert {stack: each["DomainName"] for stack, each in mapped.items()} == {
        "realstaging": "api.example.com",
        "stagecraft": "luxury.example.com",
    }
    assert cloud("dev").all("AWS::ApiGatewayV2::DomainName") == []


def function_of(cloud: Cloud, route: Resource) -> str:
    """The handler that a route is sent to."""
    resources = cloud.templates[route.stack]["Resources"]
    (integration,) = (part["Ref"] for part in route.properties["Target"]["Fn::Join"][1] if isinstance(part, dict))
    alias = resources[resources[integration]["Properties"]["IntegrationUri"]["Ref"]]
    function = alias["Properties"]["FunctionName"]["Ref"]
    return str(resources[function]["Properties"]["Handler"])


@pytest.mark.skipif(not ORIGINAL.exists(), reason="the shared contracts are not on this machine")
def test_our_copy_of_the_contracts_rows_is_current() -> None:
    assert COPY.read_text() == ORIGINAL.read_text()


@pytest.mark.parametrize("surface", NAMES)
def test_every_function_of_the_api_may_be_called_by_it_once_and_by_nothing_else(anywhere: Cloud, surface: str) -> None:
    permissions = [
        permission.properties
        for permission in anywhere.all("AWS::Lambda::Permission")
        if permission.properties["Principal"] == "apigateway.amazonaws.com" and permission.stack == surface
    ]
    # The permission for $default is one of its own: that route's source has no method and no path.
    of_paths = [each for each in permissions if text(each["SourceArn"]).endswith('"/*/*/*"]]}')]
    assert len(permissions) - len(of_paths) == 1
    called = [text(permission["FunctionName"]) for permission in of_paths]
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


def test_prod_answers_the_origins_that_it_names_and_no_credentials_anywhere(anywhere: Cloud) -> None:
    for api in anywhere.all("AWS::ApiGatewayV2::Api"):
        rules = api.properties["CorsConfiguration"]
        assert rules["AllowOrigins"] == (["https://app.example"] if anywhere.environment == "prod" else ["*"])
        assert not rules.get("AllowCredentials")


def test_only_the_embedded_clouds_api_has_the_tag_that_fixes_its_address() -> None:
    def tagged(environment: str) -> set[object]:
        apis = cloud(environment).all("AWS::ApiGatewayV2::Api")
        return {api.properties["Tags"].get("ms-custom-id") for api in apis}

    assert tagged("local") == set(NAMES)
    assert tagged("prod") == {None}
