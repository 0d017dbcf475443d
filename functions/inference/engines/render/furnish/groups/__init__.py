"""How pieces stand together: one module per room type, one function per group, and the table of what suits which room.

To add a group: a function in the room type's module that places its pieces, and its `GroupSpec` in `GROUPS`.
"""

from collections.abc import Mapping

from functions.inference.engines.render.furnish.groups import (
    bathroom,
    bedroom,
    dining_room,
    entry_hall,
    kitchen,
    living_room,
    nursery,
    office,
)
from functions.inference.engines.render.furnish.groups.spec import GroupSpec
from vitrine.contracts.catalogue import RoomType

GROUPS: Mapping[RoomType, tuple[GroupSpec, ...]] = {
    RoomType.LIVING_ROOM: (
        GroupSpec(living_room.sofa_group, (2.24, 0.98), (3.3, 3.0), 0.95),
        GroupSpec(living_room.corner_group, (2.24, 0.98), (3.3, 3.0), 0.95),
        GroupSpec(living_room.facing_sofas, (2.04, 0.98), (2.6, 3.4), 0.95),
        GroupSpec(living_room.loveseat_group, (1.66, 0.98), (2.6, 2.6), 0.95),
        GroupSpec(living_room.chair_pair, (2.3, 1.1), (2.4, 2.0), 0.95),
        GroupSpec(living_room.reading_corner, (1.0, 1.0), (1.8, 1.4), 0.95, rank=1, lacks="a sofa"),
    ),
    RoomType.BEDROOM: (
        GroupSpec(bedroom.double_bed, (1.9, 2.25), (3.0, 2.9), 1.9, 1.1),
        GroupSpec(bedroom.small_double_bed, (1.7, 2.25), (2.7, 2.7), 1.9, 0.7),
        GroupSpec(bedroom.double_bed_one_stand, (1.9, 2.25), (2.6, 2.7), 1.9, rank=1),
        GroupSpec(bedroom.single_bed, (1.2, 2.25), (1.8, 2.5), 1.6, rank=2),
        GroupSpec(living_room.reading_corner, (1.0, 1.0), (1.8, 1.4), 0.95, rank=3, lacks="a bed"),
    ),
    RoomType.DINING_ROOM: (
        GroupSpec(dining_room.dining_for_six, (1.9, 2.0), (3.0, 2.9), None, 1.3, dining_room.ROOM_AROUND),
        GroupSpec(dining_room.dining_for_four, (1.3, 2.0), (2.2, 2.5), None, 0.8, dining_room.ROOM_AROUND),
        GroupSpec(dining_room.dining_for_two, (1.2, 1.9), (1.6, 2.1), None, 0.0, dining_room.LITTLE_AROUND, rank=1),
    ),
    RoomType.OFFICE: (
        GroupSpec(office.desk_at_wall, (1.5, 0.72), (2.6, 2.3), 1.3, 0.4),
        GroupSpec(office.desk_in_room, (1.5, 1.7), (2.4, 2.6), 0.6, 0.1),
        GroupSpec(office.small_desk, (1.2, 0.72), (1.6, 1.8), 1.3, rank=1),
    ),
    RoomType.NURSERY: (GroupSpec(nursery.cot_group, (1.34, 0.76), (2.8, 2.3), 0.95),),
    RoomType.ENTRY_HALL: (
        GroupSpec(entry_hall.hall, (1.24, 0.42), (1.8, 1.2), 1.45, 0.4),
        GroupSpec(entry_hall.small_hall, (0.84, 0.42), (1.2, 1.0), 1.45),
    ),
    RoomType.KITCHEN: (
        GroupSpec(dining_room.dining_for_two, (1.2, 1.9), (1.6, 2.1), None, 0.0, dining_room.LITTLE_AROUND),
        GroupSpec(kitchen.kitchen_runner, (0.7, 0.7), (1.2, 1.4), 1.25, rank=1, lacks="a table"),
    ),
    RoomType.BATHROOM: (GroupSpec(bathroom.bath_corner, (0.5, 0.45), (1.1, 1.1), 0.7),),
}
