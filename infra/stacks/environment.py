"""All stacks of an environment."""

from collections.abc import Mapping

from aws_cdk import App, Tags

from functions.surfaces import BY_NAME, SURFACES
from infra.documents import load
from infra.packaging.assets import Assets
from infra.packaging.target import LAMBDA, host
from infra.settings import ENGINE_KEYS, TEXT_KEYS, Settings, SettingsError, settings_for
from infra.stacks.batch import BatchStack
from infra.stacks.capture import CaptureStack
from infra.stacks.data import DataStack
from infra.stacks.delivery import DeliveryStack
from infra.stacks.observability import ObservabilityStack
from infra.stacks.pipeline import PipelineStack
from infra.stacks.reactions import ReactionsStack
from infra.stacks.surface import SurfaceStack
from infra.stacks.webhooks import WebhooksStack

KEYS = (*TEXT_KEYS, *ENGINE_KEYS, "cors_origins", "domains", "canary")
DEFAULT = "local"


def create(outdir: str | None = None, context: Mapping[str, object] | None = None) -> App:
    """An app whose context says which environment it holds. Raises `SettingsError`."""
    app = App(context=context, outdir=outdir, analytics_reporting=False, tree_metadata=False)
    build(app, settings_for(_text(app, "environment") or DEFAULT, {key: _text(app, key) for key in KEYS}))
    return app


def build(app: App, settings: Settings) -> None:
    """Put the environment's stacks into the app."""
    if unknown := dict(settings.domains).keys() - BY_NAME.keys():
        raise SettingsError(f"domains names {', '.join(sorted(unknown))}, and there is no such surface")
    assets = Assets(host() if settings.local else LAMBDA, needs_bytecode=settings.needs_bytecode)
    data = DataStack(app, settings=settings, assets=assets)
    surfaces = [
        SurfaceStack(app, surface, load(surface), settings=settings, assets=assets, data=data) for surface in SURFACES
    ]
    pipeline = PipelineStack(app, settings=settings, assets=assets, data=data)
    reactions = ReactionsStack(app, settings=settings, assets=assets, data=data)
    reactions.add_stack_dependency(pipeline, "It starts executions of the state machine by name.")
    webhooks = WebhooksStack(app, settings=settings, assets=assets, data=data)
    batch = BatchStack(app, settings=settings, assets=assets, data=data)
    batch.add_stack_dependency(pipeline, "It starts executions of the state machine by name.")
    capture = CaptureStack(app, settings=settings, assets=assets, data=data)
    functions = [
        name for stack in (*surfaces, pipeline, reactions, webhooks, batch, capture) for name in stack.function_names
    ]
    ObservabilityStack(app, settings=settings, assets=assets, data=data, functions=functions)
    if settings.github_repository:
        DeliveryStack(app, settings=settings, assets=assets)
    if settings.engine.image_uri and not settings.local:
        # Not above: the CDK's module of SageMaker takes half a second to import, and a synth for local needs none.
        from infra.stacks.endpoint import EndpointStack

        EndpointStack(app, settings=settings, assets=assets, data=data)
    Tags.of(app).add("project", "vitrine")
    Tags.of(app).add("environment", settings.environment)


def _text(app: App, key: str) -> str | None:
    value = app.node.try_get_context(key)
    return None if value is None else str(value)
