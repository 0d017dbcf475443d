"""ICC profiles made by hand (ICC.1:2022), so that what they do to a colour can be computed without a colour library."""

import struct

_D50 = (0.9642, 1.0, 0.8249)
_P3 = {b"rXYZ": (0.51512, 0.2412, -0.00105), b"gXYZ": (0.29198, 0.69225, 0.04189), b"bXYZ": (0.1571, 0.06657, 0.78407)}
"""Display P3's primaries, adapted to D50."""
_INKS = {"": (95, 0, -2), "C": (55, -36, -50), "M": (48, 74, -3), "Y": (89, -5, 93), "CM": (24, 20, -46)}
_INKS |= {"CY": (50, -66, 26), "MY": (47, 68, 48), "CMY": (23, 0, 0)}
"""Lab of what a press prints, of our own making."""


def display_p3(gamma: float = 2.2) -> bytes:
    colorants = [(name, b"XYZ \0\0\0\0" + _numbers(*xyz)) for name, xyz in _P3.items()]
    return _profile(
        b"RGB ", b"XYZ ", b"mntr", [*colorants, *((b"%bTRC" % c, _curve(gamma)) for c in (b"r", b"g", b"b"))]
    )


def grey(gamma: float) -> bytes:
    return _profile(b"GRAY", b"XYZ ", b"mntr", [(b"kTRC", _curve(gamma))])


def press() -> bytes:
    """CMYK by a table of two points an ink."""
    grid = b"".join(_printed(node >> 3 & 1, node >> 2 & 1, node >> 1 & 1, node & 1) for node in range(16))
    ramp, unit = bytes(range(256)), _numbers(1, 0, 0, 0, 1, 0, 0, 0, 1)
    table = b"mft1\0\0\0\0" + bytes([4, 3, 2, 0]) + unit + ramp * 4 + grid + ramp * 3
    return _profile(b"CMYK", b"Lab ", b"prtr", [(b"A2B0", table)])


def _printed(cyan: int, magenta: int, yellow: int, black: int) -> bytes:
    light, a, b = _INKS["C" * cyan + "M" * magenta + "Y" * yellow]
    dim, dull = (0.17, 0.1) if black else (1.0, 1.0)
    return bytes([round(light * dim * 2.55), round(a * dull + 128), round(b * dull + 128)])


def _numbers(*values: float) -> bytes:
    return b"".join(struct.pack(">i", round(value * 65536)) for value in values)


def _curve(gamma: float) -> bytes:
    return b"curv\0\0\0\0" + struct.pack(">IH", 1, round(gamma * 256)) + b"\0\0"


def _profile(space: bytes, connection: bytes, kind: bytes, tags: list[tuple[bytes, bytes]]) -> bytes:
    tags = [
        (b"desc", b"desc\0\0\0\0" + struct.pack(">I", 4) + b"own\0" + b"\0" * 78),
        (b"wtpt", b"XYZ \0\0\0\0" + _numbers(*_D50)),
        *tags,
    ]
    table, data = struct.pack(">I", len(tags)), b""
    for name, body in tags:
        table += name + struct.pack(">II", 132 + 12 * len(tags) + len(data), len(body))
        data += body + b"\0" * (-len(body) % 4)
    size = 132 + 12 * len(tags) + len(data)
    head = struct.pack(">I4sI4s4s4s", size, b"\0" * 4, 0x02400000, kind, space, connection)
    head += struct.pack(">6H", 2026, 1, 1, 0, 0, 0) + b"acsp" + b"\0" * 28 + _numbers(*_D50)
    return head.ljust(128, b"\0") + table + data
