"""Staging by geometry and light: the room's camera from the photo, our own furniture, path tracing."""

from functions.inference.engines.render.engine import RenderEngine

__all__ = ["RenderEngine"]
