"""Builders of the assets context."""

from typing import Any

from tests.support.clock import now
from vitrine.assets.models import Asset, AssetState, ContentType, Inspection, Report, Verdict
from vitrine.kernel.ids import Ids


def any_asset(**changes: Any) -> Asset:
    created = now()
    asset_id, tenant = changes.pop("id", Ids.random(created).new("ast")), changes.pop("tenant", "ten_a")
    asset = Asset(
        id=asset_id,
        tenant=tenant,
        key=f"uploads/{tenant}/{asset_id}/room.jpg",
        state=AssetState.AWAITING_UPLOAD,
        version=1,
        filename="room.jpg",
        content_type=ContentType.JPEG,
        size=7,
        sha256=None,
        created_at=created,
        updated_at=created,
    )
    return asset.model_copy(update=changes)


def any_inspection(asset: Asset, **changes: Any) -> Inspection:
    """One that finds what was promised."""
    inspection = Inspection(
        tenant=asset.tenant,
        asset_id=asset.id,
        key=asset.key,
        verdict=Verdict.ACCEPTED,
        etag='"etag"',
        size=asset.size,
        sha256=asset.sha256 or "ef" * 32,
        report=any_report(),
    )
    return inspection.model_copy(update=changes)


def any_report(**changes: Any) -> Report:
    report = Report(
        content_type=ContentType.JPEG,
        width=4032,
        height=3024,
        orientation=1,
        sharpness=120.0,
        brightness=0.5,
        clipped_shadows=0.01,
        clipped_highlights=0.02,
    )
    return report.model_copy(update=changes)
