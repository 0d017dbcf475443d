"""functions/README.md, "Adding a surface" and "Adding a route", followed to the letter: a throw-away surface with one
route is declared in files of its own, and everything else comes from them."""

import json
from collections.abc import Iterator
from importlib import import_module, invalidate_caches
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
from aws_cdk import App

import functions
from infra.documents import Json
from infra.generators.openapi import document
from infra.packaging.assets import ROOT, Assets
from infra.packaging.target import host
from infra.settings import LOCAL
from infra.stacks.data import DataStack
from infra.stacks.surface import SurfaceStack
from tests.support.cloud import aws
from tests.support.logs import Logs
from tests.support.requests import CONTEXT, event, send
from vitrine.kernel.surface import Surface

SURFACE = """
from vitrine.kernel import problems, schema
from vitrine.kernel.principal import Principal
from vitrine.kernel.surface import ERRORS, Access, Authenticate, Callers, ErrorShape, Function, Limit, Surface


def _authenticator() -> Authenticate:
    return lambda token, now: Principal(f"ten_{token}", "usr")


SURFACE = Surface(
    name="throwaway",
    title="Throw-away API",
    errors=ErrorShape(problems.render, problems.CONTENT_TYPE, problems.SCHEMA, ERRORS),
    callers=Callers(
        load=_authenticator,
        bearer={},
        credential="access token",
        access=Access(writes=(schema.GUARD,)),
        limits=(Limit("minute", 5, 60),),
    ),
    functions=(Function("greetings", "Greets", Access(reads=(schema.STAGING,))),),
)
"""
GREETINGS = """
from pydantic import BaseModel

from functions.throwaway_api.surface import SURFACE
from vitrine.kernel.http import Api, Caller

api = Api(SURFACE)
handler = api.handler


class Greeting(BaseModel):
    name: str


@api.post("/api/greetings/{language}", status_code=201, summary="Greet", tags=["greetings"], round_trips=3)
def greet(language: str, body: Greeting, caller: Caller) -> Greeting:
    return Greeting(name=f"{language} {body.name}")
"""
PATH = "/api/greetings/{language}"
PLACE = "functions/throwaway_api"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A tree like the repository's, in which the surface's folder is the only one of functions."""
    folder = tmp_path / PLACE
    folder.mkdir(parents=True)
    for name, text in {"__init__": "", "surface": SURFACE, "greetings": GREETINGS}.items():
        (folder / f"{name}.py").write_text(text)
    (tmp_path / "functions" / "__init__.py").write_text("")
    for name in ("layers", "events", "pyproject.toml", "uv.lock"):
        (tmp_path / name).symlink_to(ROOT / name)
    monkeypatch.setattr(functions, "__path__", [*functions.__path__, str(tmp_path / "functions")])
    invalidate_caches()
    with aws():
        yield tmp_path


@pytest.fixture
def surface(root: Path) -> Surface:
    declared = import_module("functions.throwaway_api.surface").SURFACE
    assert isinstance(declared, Surface)
    return declared


@pytest.fixture
def greetings(root: Path) -> ModuleType:
    return import_module("functions.throwaway_api.greetings")


def test_its_document_says_what_the_route_declares(surface: Surface) -> None:
    made = document(surface)
    operation = made["paths"][PATH]["post"]
    assert {name: value for name, value in operation.items() if name.startswith("x-")} == {
        "x-function": "greetings",
        "x-allow": "signed-in",
        "x-repeat": "replayed",
        "x-brings-work": False,
        "x-round-trips": 3,
    }
    assert [parameter["name"] for parameter in operation["parameters"]] == ["language", "Idempotency-Key"]
    assert "Problem" in made["components"]["schemas"]


def test_its_stack_has_one_route_and_may_touch_what_the_surface_declares(root: Path, surface: Surface) -> None:
    resources = synthesised(root, surface)
    (route,) = of_type(resources, "AWS::ApiGatewayV2::Route")
    assert route["RouteKey"] == f"ANY {PATH}"
    (function,) = of_type(resources, "AWS::Lambda::Function")
    assert (function["Handler"], function["Description"]) == ("functions.throwaway_api.greetings.handler", "Greets")
    policies = json.dumps(of_type(resources, "AWS::IAM::Policy"))
    touched = {name for name in ("Guard", "Staging", "Jobs", "Identity", "Billing") if f"{name}Table" in policies}
    assert touched == {"Guard", "Staging"}


def synthesised(root: Path, surface: Surface) -> Json:
    """The resources of the surface's stack, from its own tree and document; no zip is made."""
    app = App(outdir=str(root / "cdk.out"), analytics_reporting=False)
    assets = Assets(host(), resolve=False, root=root)
    data = DataStack(app, settings=LOCAL, assets=assets)
    stack = SurfaceStack(app, surface, document(surface), settings=LOCAL, assets=assets, data=data)
    app.synth()
    template: Json = json.loads((root / "cdk.out" / f"{stack.artifact_id}.template.json").read_text())
    resources: Json = template["Resources"]
    return resources


def of_type(resources: Json, kind: str) -> list[dict[str, Any]]:
    return [resource["Properties"] for resource in resources.values() if resource["Type"] == kind]


def test_its_handler_answers_refuses_and_logs_like_every_other(greetings: ModuleType, logs: Logs) -> None:
    def greet(**sent: Any) -> Any:
        return send(greetings.handler, "POST", "/api/greetings/en", body={"name": "Ann"}, **sent)

    first = greet(token="anna", headers={"Idempotency-Key": "k"})
    assert (first.status, first.json()) == (201, {"name": "en Ann"})
    assert greet(token="anna", headers={"Idempotency-Key": "k"}).headers["idempotent-replayed"] == "true"
    assert first.headers["ratelimit"].startswith('"minute";r=4')
    stranger = greet(token=None)
    assert (stranger.status, stranger.headers["content-type"]) == (401, "application/problem+json")
    wrong = greetings.handler(event("GET", "/api/greetings/en", template=PATH), CONTEXT)
    assert (wrong["statusCode"], wrong["headers"]["Allow"]) == (405, "POST")
    lines = [json.loads(line) for line in logs.read().splitlines()]
    logged = [(line["surface"], line["route"], line["outcome"]) for line in lines if line.get("message") == "request"]
    assert logged == [
        ("throwaway", f"POST {PATH}", "success"),
        ("throwaway", f"POST {PATH}", "replayed"),
        ("throwaway", f"POST {PATH}", "unauthenticated"),
        ("throwaway", f"GET {PATH}", "method_not_allowed"),
    ]
