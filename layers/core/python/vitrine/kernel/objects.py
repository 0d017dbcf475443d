"""Objects by prefix: what lies there, and its deletion with all its versions."""

from collections.abc import Iterator

from vitrine.kernel import clients


def keys(bucket: str, prefix: str) -> Iterator[str]:
    """Of everything that lies under `prefix`, which ends with a slash."""
    pages = clients.s3().get_paginator("list_objects_v2").paginate(Bucket=bucket, Prefix=prefix)
    return (found["Key"] for page in pages for found in page.get("Contents", []))


def folders(bucket: str) -> list[str]:
    """The first parts of all keys, with their slash; those that only former versions are left of included."""
    pages = clients.s3().get_paginator("list_object_versions").paginate(Bucket=bucket, Delimiter="/")
    return [found["Prefix"] for page in pages for found in page.get("CommonPrefixes", [])]


def delete(bucket: str, prefix: str) -> int:
    """Delete everything under `prefix`, former versions included, and say how much. Repeating it does no harm.

    Raises OSError when S3 kept something.
    """
    deleted = 0
    for page in clients.s3().get_paginator("list_object_versions").paginate(Bucket=bucket, Prefix=prefix):
        found = [*page.get("Versions", []), *page.get("DeleteMarkers", [])]
        if not found:
            continue
        objects = [{"Key": each["Key"], "VersionId": each["VersionId"]} for each in found]
        answer = clients.s3().delete_objects(Bucket=bucket, Delete={"Objects": objects, "Quiet": True})  # type: ignore[typeddict-item]  # a page has 1,000, which is what a deletion takes
        if answer.get("Errors"):
            raise OSError(f"{len(answer['Errors'])} objects could not be deleted")
        deleted += len(objects)
    return deleted
