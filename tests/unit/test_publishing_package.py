"""Names, order and bytes of a package, and whether a manifest finds what was changed."""

import hashlib
import io
import struct
import zipfile
from pathlib import Path

import jsonschema
import pytest
from hypothesis import given
from hypothesis import strategies as st

from infra import cli
from infra.generators.contracts import file_schemas
from tests.support.clock import NOW
from tests.support.published import any_plan, made_of
from vitrine.capture.models import Vehicle
from vitrine.capture.publishing import naming
from vitrine.capture.publishing.models import Manifest, finished
from vitrine.capture.publishing.package import pack
from vitrine.identity.organisations.models import FirstFrame
from vitrine.set_qc.models import Direction

FILES = [(f"STK-001_01_{number:03}.jpg", bytes([number]) * 50_000) for number in range(1, 25)]


def packed(files: list[tuple[str, bytes]] = FILES) -> bytes:
    out = io.BytesIO()
    package = pack("STK-001_360.zip", files, out.write)
    assert package.sha256 == hashlib.sha256(out.getvalue()).hexdigest()
    assert package.size == len(out.getvalue())
    return out.getvalue()


def vehicle(vin: str | None = None, stock: str | None = None) -> Vehicle:
    return Vehicle(id="0199-vehicle", tenant="ten_a", vin=vin, stock=stock, created_at=NOW)


def test_a_package_holds_the_images_alone_in_their_order_and_is_the_same_bytes_when_repeated() -> None:
    data = packed()
    assert packed() == data
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert [(info.filename, archive.read(info)) for info in archive.infolist()] == FILES
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}


def test_size_and_checksum_stand_before_each_file_so_that_a_reader_of_streams_can_take_it() -> None:
    signature, _, flags, method, *_, crc, size, _, _, _ = struct.unpack("<4s5H3I2H", packed()[:30])
    assert (signature, flags & 8, method, size) == (b"PK\3\4", 0, 0, 50_000)
    assert crc


def test_a_package_is_written_in_pieces_of_one_file_at_most() -> None:
    pieces: list[int] = []
    pack("a_360.zip", iter(FILES), lambda data: pieces.append(len(data)))
    assert max(pieces) < 52_000
    assert len(pieces) == len(FILES) + 1


@pytest.mark.parametrize(
    ("given_vehicle", "name"),
    [
        (vehicle(stock="STK-001", vin="1HGCM82633A004352"), "STK-001"),
        (vehicle(vin="1HGCM82633A004352"), "1HGCM82633A004352"),
        (vehicle(stock="Ä 17/3 #b"), "A-17-3-b"),
        (vehicle(stock="..//.."), "0199-vehicle"),
        (vehicle(stock="../../etc/passwd"), "etc-passwd"),
    ],
)
def test_files_are_named_by_stock_or_vin(given_vehicle: Vehicle, name: str) -> None:
    assert naming.identifier(given_vehicle) == name
    assert naming.frame_name(name, 1) == f"{name}_01_001.jpg"
    assert naming.package_name(name) == f"{name}_360.zip"


@given(st.text(max_size=40))
def test_whatever_the_stock_number_names_have_letters_digits_dashes_and_underscores_alone(stock: str) -> None:
    name = naming.frame_name(naming.identifier(vehicle(stock=stock)), 144)
    assert set(name.removesuffix("_01_144.jpg")) <= set(
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-_"
    )


def test_stills_of_one_shot_get_different_names() -> None:
    taken: set[str] = set()
    names = [naming.still_name("S", shot, taken) for shot in ("dash", "dash", None, "Front 3/4")]
    assert names == ["S_dash.jpg", "S_dash_2.jpg", "S_still.jpg", "S_Front-3-4.jpg"]


@pytest.mark.parametrize(
    ("front", "direction", "choice", "first"),
    [
        (None, Direction.CLOCKWISE, FirstFrame.FRONT, 0),
        (6, Direction.CLOCKWISE, FirstFrame.AS_SHOT, 0),
        (6, Direction.CLOCKWISE, FirstFrame.FRONT, 6),
        (6, Direction.COUNTER_CLOCKWISE, FirstFrame.FRONT_THREE_QUARTER, 9),
        (2, Direction.CLOCKWISE, FirstFrame.FRONT_THREE_QUARTER, 23),
        (23, Direction.UNKNOWN, FirstFrame.FRONT_THREE_QUARTER, 2),
    ],
)
def test_a_turn_begins_where_the_organisation_wants_it(
    front: int | None, direction: Direction, choice: FirstFrame, first: int
) -> None:
    assert naming.begin(front, 24, direction, choice) == first


def test_frames_stay_in_their_order_whichever_comes_first_and_gaps_move_nothing() -> None:
    placed = [(5, "e"), (0, "a"), (2, "c")]
    assert naming.in_order(placed, 0) == [(0, "a"), (2, "c"), (5, "e")]
    assert naming.in_order(placed, 1) == [(2, "c"), (5, "e"), (0, "a")]
    assert naming.in_order(placed, 6) == [(0, "a"), (2, "c"), (5, "e")]


@pytest.fixture
def published(tmp_path: Path) -> Path:
    """A folder with manifest, package and frames."""
    plan = any_plan(3)
    data = {frame.name: frame.name.encode() * 99 for frame in plan.turn}
    out = io.BytesIO()
    package = pack("STK-001_360.zip", data.items(), out.write)
    made = made_of(plan, lambda frame: hashlib.sha256(data[frame.name]).hexdigest())
    (tmp_path / "manifest.json").write_text(finished(plan, made, package).model_dump_json())
    (tmp_path / "STK-001_360.zip").write_bytes(out.getvalue())
    for name, content in data.items():
        (tmp_path / name).write_bytes(content)
    return tmp_path


def test_a_manifest_follows_its_published_schema(published: Path) -> None:
    manifest = Manifest.model_validate_json((published / "manifest.json").read_text())
    jsonschema.validate(manifest.model_dump(mode="json"), file_schemas()["manifest-1"])
    assert [frame.published.name for frame in manifest.frames] == [f"STK-001_01_00{at}.jpg" for at in (1, 2, 3)]


def verify(folder: Path, *more: str) -> int:
    return cli.main(["verify", str(folder / "manifest.json"), *more])


def test_verify_says_that_what_was_published_is_unchanged(published: Path, capsys: pytest.CaptureFixture[str]) -> None:
    frame = published / "STK-001_01_002.jpg"
    assert verify(published, "--package", str(published / "STK-001_360.zip"), "--frame", str(frame)) == 0
    assert "NO " not in capsys.readouterr().out


def test_verify_finds_the_frame_that_was_changed_in_a_package(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = published / "STK-001_360.zip"
    out = io.BytesIO()
    with zipfile.ZipFile(path) as archive:
        files = [(name, archive.read(name)) for name in archive.namelist()]
    pack("x", [files[0], (files[1][0], b"other"), ("extra.txt", b"")], out.write)
    path.write_bytes(out.getvalue())
    assert verify(published, "--package", str(path)) == 1
    printed = capsys.readouterr().out
    for said in (
        "NO  STK-001_360.zip: not the package",
        "ok  STK-001_01_001.jpg",
        "NO  STK-001_01_002.jpg: changed",
        "NO  STK-001_01_003.jpg: missing",
        "NO  extra.txt: not in the manifest",
    ):
        assert said in printed


def test_verify_knows_the_cameras_own_file_and_refuses_a_strangers(
    published: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    own, stranger = tmp_path / "own.jpg", tmp_path / "stranger.jpg"
    own.write_bytes(b"phone")
    stranger.write_bytes(b"another")
    text = (published / "manifest.json").read_text()
    (published / "manifest.json").write_text(text.replace(f"{1:064x}", hashlib.sha256(b"phone").hexdigest()))
    assert verify(published, "--frame", str(own)) == 0
    assert verify(published, "--frame", str(stranger)) == 1
    assert "the camera's own file of STK-001_01_002.jpg" in capsys.readouterr().out


def test_verify_says_when_an_original_is_not_what_the_phone_announced(
    published: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    manifest = Manifest.model_validate_json((published / "manifest.json").read_text())
    other = manifest.frames[0].model_copy(update={"original_sha256": "f" * 64})
    changed = manifest.model_copy(update={"frames": (other, *manifest.frames[1:])})
    (published / "manifest.json").write_text(changed.model_dump_json())
    assert verify(published) == 1
    assert "NO  STK-001_01_001.jpg" in capsys.readouterr().out


def test_verify_refuses_what_is_no_manifest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "manifest.json").write_text('{"frames": []}')
    assert verify(tmp_path) == 1
    assert "is no manifest of ours" in capsys.readouterr().err
