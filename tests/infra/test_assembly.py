"""What `vitrine up` takes for granted of the CDK's assembly."""

import json

from infra.local.assembly import object_key
from tests.infra.clouds import cloud


def test_zips_are_uploaded_under_the_names_that_the_cdk_gives_them() -> None:
    manifest = json.loads((cloud("local").folder / "vitrine-local-pipeline.assets.json").read_text())
    named = {
        destination["objectKey"]
        for asset in manifest["files"].values()
        for destination in asset["destinations"].values()
    }
    # Tests synthesise without zips; the hash that stands for one is treated the same.
    assert object_key("not-made-functions.pipeline.inspect_upload") in named
