"""The surface's public side, for Lambdas that nobody signs in to: it loads nothing about accounts."""

from functions.stagecraft_api.errors import CONTENT_TYPE, render
from vitrine.kernel.environment import Deployment
from vitrine.kernel.http import Api


def public() -> Api:
    """Raises `ConfigurationMissingError` at cold start when a variable is absent."""
    Deployment.load()
    return Api("stagecraft", guard=None, render=render, error_type=CONTENT_TYPE)
