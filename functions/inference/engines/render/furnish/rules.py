"""Distances that a furnished room keeps, in metres.

Sources: [PZ] Panero and Zelnik, Human Dimension and Interior Space (1979), rounded from inches; [N] Neufert,
Architects' Data; [ADA] 2010 ADA Standards for Accessible Design; [S] measured on staged photos, a choice of ours.
"""

WALKWAY = 0.75
"""A way through the room for one person: 30 in [PZ]."""
DOOR_CLEARANCE = 0.90
"""Free depth before doors, passages and glass doors: 36 in, an accessible route [ADA 403.5.1]."""
TABLE_REACH = 0.40
"""Sofa to coffee table: 16 to 18 in, within reach and past the knees [PZ]."""
CONVERSATION = 3.0
"""Farthest two seats that talk to each other: within 10 ft, Hall's closer social distance [PZ]."""
CHAIR_ROOM = 0.90
"""Table edge to wall or furniture on every side of a dining table: 36 in, to sit down and pass [PZ]."""
CHAIR_DEPTH = 0.45
"""How far a chair at a table stands out beyond the table's edge [S]."""
BEDSIDE = 0.50
"""Beside a bed, both sides of a double one: enough for a nightstand and to get in [N]."""
DESK_ROOM = 0.90
"""Behind a desk, for its chair: 36 in [PZ]."""
RUG_UNDER_SEAT = 0.25
"""How far a rug reaches under the front legs of a sofa [S]."""
WALL_GAP = 0.04
"""A piece at a wall stands off by the skirting [S]."""
PIECE_GAP = 0.04
"""Least gap between neighbours that belong together [S]."""
OVER_TABLE = 0.75
"""Lower edge of a pendant over the table: 30 in [PZ]."""
TALL = 1.2
"""Above it a piece stands in the sight line of somebody seated: eye height 1.2 m [PZ]."""
NEAREST = 1.1
"""Nothing stands closer to the camera [S]."""
