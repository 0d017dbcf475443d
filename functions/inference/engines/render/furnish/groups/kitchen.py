"""What a kitchen without room for a table gets."""

from functions.inference.engines.render.furnish.groups.setting import Setting


def kitchen_runner(s: Setting) -> bool:
    """Where no table fits: a plant at the wall and a runner on the floor."""
    piece = s.made("plant", 1.2)
    s.put(piece, 0, piece.back)
    return s.rug(piece.depth + 0.3, ((2.0, 0.8), (1.6, 0.7), (1.2, 0.6))) or True
