"""Where a publication's files lie, in the media bucket. A job's files share a prefix, so that none of another's is
touched; only the record says which job's are public."""

from vitrine.capture.frames.keys import set_folder

PUBLISHED = "published/"


def session_prefix(tenant: str, session_id: str) -> str:
    return f"{PUBLISHED}{tenant}/{session_id}/"


def public_prefix(tenant: str, session_id: str, job_id: str) -> str:
    """Frames, package and manifest, each by its own name."""
    return f"{session_prefix(tenant, session_id)}{job_id}/"


def frame_prefix(tenant: str, session_id: str, image_id: str, made_from: str) -> str:
    """A frame that was published on its own. `made_from` says what it was made from and how: another rendition lies
    elsewhere, so that none takes the place of one that is public."""
    return f"{session_prefix(tenant, session_id)}frame-{image_id}-{made_from}/"


def is_of_one_frame(key: str) -> bool:
    """Whether a published file is of a frame that was published on its own."""
    return folder_of(key).startswith("frame-")


def work_prefix(tenant: str, session_id: str, job_id: str) -> str:
    """What the states of a publication tell each other; ends with a slash."""
    return f"{set_folder(tenant, session_id)}publish-{job_id}/"


def plan_key(tenant: str, session_id: str, job_id: str) -> str:
    return f"{work_prefix(tenant, session_id, job_id)}plan.json"


def made_key(tenant: str, session_id: str, job_id: str, image_id: str) -> str:
    return f"{work_prefix(tenant, session_id, job_id)}made/{image_id}.json"


def folder_of(key: str) -> str:
    """Which of a session's folders a published file lies in: that of a job, or of a frame on its own."""
    parts = key.split("/")
    return parts[3] if len(parts) > 3 else ""
