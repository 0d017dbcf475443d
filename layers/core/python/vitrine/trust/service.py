"""A tenant's copy and a tenant's erasure, in an operator's process."""

import json
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from typing import Any

from vitrine.identity.accounts.rules import ACCESS_FOR
from vitrine.jobs.models import JobState
from vitrine.jobs.rules import JobIsOver
from vitrine.kernel import clients, objects
from vitrine.kernel.environment import Buckets
from vitrine.kernel.errors import Conflict, NotFound
from vitrine.staging import endpoint
from vitrine.trust import rules, store
from vitrine.trust.models import Erasure, Export
from vitrine.trust.rules import Item
from vitrine.work import ending, machine
from vitrine.work.models import Work

SETTLES = max(endpoint.DEADLINE, ACCESS_FOR)
"""The engine cannot be called back and puts its results down; an access token cannot, and may bring new work."""
_PASSES = 5
_LAST = ("guard", "billing", "identity")
"""Whoever can still sign in can still write, so the means to go last of all; and by an e-mail address an erasure that
died can be begun again."""


class StillWritten(Conflict):
    """Something kept making new things of a tenant that was being erased."""

    code = "still_written"


def export(tenant: str, out: Path, buckets: Buckets, now: datetime) -> Export:
    """Write everything of a tenant into the folder `out`: a JSON file per table, and the pictures as they lie.

    Raises `NotFound` when there is nothing.
    """
    found = _found(tenant)
    keys = list(_objects(tenant, buckets))
    if not keys and not any(found.values()):
        raise NotFound("There is nothing of this tenant.")
    out.mkdir(parents=True, exist_ok=True)
    counts = {name: _write(out / f"{name}.json", items) for name, items in found.items()}
    for bucket, key in keys:
        _download(bucket, key, out / "pictures" / key.replace(f"/{tenant}/", "/", 1))
    export = Export(tenant=tenant, at=now, items=counts, pictures=len(keys))
    (out / "export.json").write_text(export.model_dump_json(indent=2))
    return export


def erase(tenant: str, buckets: Buckets, work: Work, now: datetime) -> Erasure:
    """Cancel a tenant's work, delete its pictures and its items, and keep that it was done.

    Idempotency key: the tenant.

    May be repeated, and goes on where a run that died left off. Raises `StillWritten`.
    """
    subject = rules.subject_of(tenant)
    done = store.erasure(subject) or Erasure(subject=subject, started_at=now, settles_at=now)
    is_new = done.finished_at is not None or not done.items + done.objects
    for _ in range(_PASSES):
        found = _found(tenant)
        cancelled = _cancel(tenant, found, work, now)
        deleted = sum(objects.delete(bucket, prefix) for bucket, prefix in _prefixes(tenant, buckets))
        items = sum(map(len, found.values()))
        if not deleted and not items:
            return _finish(done, now)
        may_go_on = is_new or cancelled or found["identity"]
        done = _added(done, cancelled, deleted, items, now + SETTLES if may_go_on else done.settles_at)
        store.keep(done)
        _delete(found)
    raise StillWritten("Something keeps writing for this tenant. Run it again.")


def _added(done: Erasure, cancelled: int, deleted: int, items: int, settles_at: datetime) -> Erasure:
    return done.model_copy(
        update={
            "jobs_cancelled": done.jobs_cancelled + cancelled,
            "objects": done.objects + deleted,
            "items": done.items + items,
            "settles_at": settles_at,
            "finished_at": None,
        }
    )


def _finish(done: Erasure, now: datetime) -> Erasure:
    if done.finished_at is None and now >= done.settles_at:
        done = done.model_copy(update={"finished_at": now})
        store.keep(done)
    return done


def _found(tenant: str) -> dict[str, list[Item]]:
    found = store.items_of({tenant})
    names = {tenant, *rules.aliases(found)}
    return found if len(names) == 1 else store.items_of(names)


def _cancel(tenant: str, found: dict[str, list[Item]], work: Work, now: datetime) -> int:
    """End the tenant's work, and say how many jobs that were. Batches before their photos: none lets another one go."""
    open_jobs = [item for item in found["jobs"] if item["kind"] == "JOB" and not JobState(item["state"]).is_over]
    for item in sorted(open_jobs, key=lambda item: "batch" in item):
        # Over by now, or what it had reserved is gone with an erasure that died: either way there is no more to end.
        with suppress(JobIsOver, NotFound, Conflict):
            job = ending.cancel(tenant, str(item["pk"]).partition("#")[2], now)
            machine.stop(job.kind, job.id, work)
    return len(open_jobs)


def _delete(found: dict[str, list[Item]]) -> None:
    for name in sorted(found, key=lambda name: _LAST.index(name) if name in _LAST else -1):
        store.delete(name, sorted(found[name], key=lambda item: str(item["pk"]).startswith("EMAIL#")))


def _prefixes(tenant: str, buckets: Buckets) -> Iterator[tuple[str, str]]:
    for bucket in (buckets.uploads_bucket, buckets.media_bucket):
        for folder in objects.folders(bucket):
            yield from ((bucket, folder + place) for place in rules.places(tenant))


def _objects(tenant: str, buckets: Buckets) -> Iterator[tuple[str, str]]:
    return ((bucket, key) for bucket, prefix in _prefixes(tenant, buckets) for key in objects.keys(bucket, prefix))


def _write(path: Path, items: list[Item]) -> int:
    exported: list[dict[str, Any]] = [each for item in items if (each := rules.exported(item)) is not None]
    path.write_text(json.dumps(exported, indent=2, ensure_ascii=False))
    return len(exported)


def _download(bucket: str, key: str, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    clients.s3().download_file(bucket, key, str(path))
