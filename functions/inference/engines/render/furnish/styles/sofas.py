"""Shapes of sofas that styles start from."""

from functions.inference.engines.render.furnish.styles.spec import SofaSpec

TRACK = SofaSpec("track", arm=0.17, arm_height=0.58, leg=0.10, back=0.80, radius=0.05)
ROLLED = SofaSpec(
    "rolled", arm=0.20, arm_height=0.62, leg=0.11, back=0.86, radius=0.06, stand="turned", rolled=True
)  # fmt: skip
CHESTERFIELD = SofaSpec(
    "chesterfield", arm=0.22, arm_height=0.74, leg=0.09, back=0.76, radius=0.06, stand="turned",
    rolled=True, tufted=True
)  # fmt: skip
CHANNEL = SofaSpec(
    "channel", arm=0.17, arm_height=0.62, leg=0.09, back=0.84, radius=0.06, stand="plinth",
    leg_material="metal", seats=1
)  # fmt: skip
CURVED = SofaSpec(
    "curved", arm=0.20, arm_height=0.6, leg=0.06, back=0.74, radius=0.1, stand="plinth", leg_material="dark", seats=1
)
PLATFORM = SofaSpec("platform", arm=0.17, arm_height=0.50, leg=0.14, back=0.74, radius=0.06, stand="block", seats=2)
FRAME = SofaSpec("frame", arm=0.07, arm_height=0.56, leg=0.2, back=0.80, radius=0.04)
