"""The CDK app. `cdk synth -c environment=local|dev|prod`; what else the context may say is in settings.py."""

from collections.abc import Mapping

from aws_cdk import App, Tags

from infra.packaging.assets import Assets
from infra.packaging.target import LAMBDA, host
from infra.settings import TEXT_KEYS, Settings, settings_for
from infra.stacks.data import DataStack
from infra.stacks.pipeline import PipelineStack
from infra.stacks.reactions import ReactionsStack
from infra.stacks.realstaging import RealstagingStack

KEYS = (*TEXT_KEYS, "cors_origins", "inference_image_uri")


def build(app: App, settings: Settings) -> None:
    """Put the environment's stacks into the app."""
    assets = Assets(host() if settings.local else LAMBDA)
    data = DataStack(app, settings=settings, assets=assets)
    RealstagingStack(app, settings=settings, assets=assets, data=data)
    pipeline = PipelineStack(app, settings=settings, assets=assets, data=data)
    ReactionsStack(app, settings=settings, assets=assets, data=data).add_stack_dependency(pipeline)
    Tags.of(app).add("project", "vitrine")
    Tags.of(app).add("environment", settings.environment)


def create(outdir: str | None = None, context: Mapping[str, object] | None = None) -> App:
    """An app whose context decides what it holds. Raises `SettingsError`."""
    asked = App(context=context, outdir=outdir, analytics_reporting=False, tree_metadata=False)
    settings = settings_for(_text(asked, "environment") or "local", {key: _text(asked, key) for key in KEYS})
    build(asked, settings)
    return asked


def _text(app: App, key: str) -> str | None:
    value = app.node.try_get_context(key)
    return None if value is None else str(value)


if __name__ == "__main__":
    create().synth()
