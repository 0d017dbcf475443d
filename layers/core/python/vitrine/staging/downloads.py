"""Download addresses: each leads to one picture for as long as it is there, where a signed link ends after 15 minutes.

Who has an address may follow it, without signing in: a page's `<img>` and a customer's own systems send no token. So an
address is a capability. It names the tenant, and our signature ties that to the job; nobody can make one. It ends when
its picture is deleted, since the job is read each time.
"""

from vitrine.assets import service as assets
from vitrine.assets.addresses import Capabilities, no_picture
from vitrine.jobs import service as jobs
from vitrine.jobs.models import Job
from vitrine.kernel.environment import Buckets
from vitrine.staging.models import StagedImage, StageInput

ORIGINAL, STAGED, MASK, LAYOUT = "original", "staged", "mask", "layout"
Place = tuple[str, str]
"""A bucket, and a key in it."""


class Downloads:
    """Raises `ConfigurationMissingError` at cold start without the key that signs."""

    def __init__(self) -> None:
        self._capabilities = Capabilities()
        self._media = Buckets.load().media_bucket

    def addresses(self, job: Job, base: str) -> dict[str, str]:
        """Of every picture that there is, by its name; `base` is where the job's pictures are read."""
        key = self._capabilities.seal(_purpose(job.id), {"tenant": job.tenant})
        return {name: f"{base}/{name}?key={key}" for name in self._places(job)}

    def link(self, job_id: str, picture: str, key: str, method: str) -> str:
        """A signed link for one picture. Raises `NotFound`, whatever of the address does not hold."""
        job = jobs.seek(str(self._capabilities.open(_purpose(job_id), key)["tenant"]), job_id)
        place = self._places(job).get(picture) if job else None
        if place is None:
            raise no_picture()
        return assets.download_url(*place, method=method)

    def _places(self, job: Job) -> dict[str, Place]:
        if not job.has_images:
            return {}
        staged = StagedImage.model_validate(job.result) if job.result else None
        original = assets.original_place(StageInput.model_validate(job.input).photo_key)
        return {ORIGINAL: original, **(self._results(staged) if staged else {})}

    def _results(self, staged: StagedImage) -> dict[str, Place]:
        keys = {STAGED: staged.picture_key, MASK: staged.mask_key, LAYOUT: staged.layout_key}
        thumbnails = {f"thumbnail-{size}": key for size, key in staged.thumbnails.items()}
        return {name: (self._media, key) for name, key in (keys | thumbnails).items()}


def _purpose(job_id: str) -> str:
    return f"pictures#{job_id}"
