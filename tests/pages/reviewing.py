"""A service to review against, in memory and in the shapes of the API: one vehicle's turn with a fault of each kind."""

import json
import threading
from base64 import urlsafe_b64encode
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import uvicorn

from infra.local.identity.provider import create_app
from infra.local.workspace import REPOSITORY
from tests.support.site import Answer, Request, Site, as_json, drawn_frame
from vitrine.capture.reviewing import Decision, ReviewRequest
from vitrine.kernel.clock import utc_now
from vitrine.kernel.pages import Files, Hosts

FOLDER = REPOSITORY / "events" / "viewer" / "imaging360"
FILES = Files([path.name for path in sorted(FOLDER.glob("*.*")) if path.suffix != ".html"], FOLDER)
CLIENT = "vitrine-cli"
BLURRED, BRIGHT, DOUBLED, LOST, RETAKEN = 3, 9, 14, 19, 21
Json = dict[str, Any]


def uuid(number: int) -> str:
    return str(UUID(int=(7 << 76) + (2 << 62) + number))


class Service:
    """What it was asked to do is in `reviews` and `publications`."""

    def __init__(self, site: Site, issuer: str = "", frame: Callable[[int], bytes] = drawn_frame) -> None:
        self.site, self.reviews, self.publications = site, list[Json](), list[Json]()
        self.images = [image for k in range(24) if k != LOST for image in _versions(k)]
        self.session = _session(1, "STK-2041", "failed", len(self.images))
        self.others = [_session(2, "STK-1987", "complete", 24), _session(3, "STK-2042", "open", 11)]
        site.files |= {f"/t/{k}.jpg": frame(k) for k in range(24)}
        site.files |= {f"/viewer/{path.name}": path.read_bytes() for path in map(FILES.path, FILES.names)}
        page = FILES.page("review.html", _words(issuer), Hosts(asked=(issuer,) if issuer else ()))
        headers = {name: str(value) for name, value in page.headers.items()}
        site.routes = {
            "GET /review": lambda _: Answer(200, str(page.body).encode(), str(page.content_type), headers),
            "POST /v1/auth/login": self._login,
            "GET /v1/sessions": lambda asked: _listed(asked, list(map(row, [self.session, *self.others]))),
            f"GET /v1/sessions/{uuid(1)}": lambda _: as_json(200, self.session),
            f"GET /v1/sessions/{uuid(2)}": lambda _: as_json(200, self.others[0]),
            "GET /v1/images": lambda asked: _listed(asked, self.images if uuid(1) in asked.query else []),
            f"POST /v1/sessions/{uuid(1)}/publish": self._publish,
            f"GET /v1/sessions/{uuid(1)}/publication": lambda _: as_json(200, self.publication),
            **{f"POST /v1/images/{each['id']}/review": self._review for each in self.images},
            **{f"GET /v1/images/{each['id']}": lambda asked: self._one(asked) for each in self.images},
        }

    def _one(self, asked: Request) -> Answer:
        image = next(each for each in self.images if asked.path.endswith(each["id"]))
        exif = {"iso": 100, "shutter": "1/250", "aperture": "f/1.8", "timestamp": utc_now().isoformat()}
        return as_json(200, {**image, "session_id": uuid(1), "width": 4032, "height": 3024, "exif": exif})

    def _login(self, asked: Request) -> Answer:
        return as_json(200, {"user_id": uuid(90), "access_token": token("reviewer"), "expires_in": 28800})

    def _review(self, asked: Request) -> Answer:
        said = ReviewRequest.model_validate_json(asked.body)
        self.reviews.append({"id": asked.path.split("/")[3], "decision": said.decision, "reason": said.reason})
        image = next(each for each in self.images if each["id"] == self.reviews[-1]["id"])
        word = {"passed": said.decision is Decision.PASS, "reason": said.reason, "by": uuid(90)}
        image["review"] = {**word, "at": utc_now().isoformat()}
        answered = ("id", "status", "review")
        return as_json(200, {"session_id": uuid(1), **{name: image[name] for name in answered}})

    def _publish(self, asked: Request) -> Answer:
        self.publications.append(asked.json())
        if not asked.json().get("override_reason"):
            return as_json(400, {"error": {"code": "override_reason_required", "message": "Some frames fail."}})
        self.session["published_version"] = self.session["set"]["set_version"]
        return as_json(202, {**self.publication, "status": "publishing"})

    @property
    def publication(self) -> Json:
        manifest = f"{self.site.url}/v1/published/A1.b2_c3/manifest.json"
        return {"session_id": uuid(1), "status": "published", "error": None, "manifest_url": manifest}


def _words(issuer: str) -> dict[str, str]:
    return {"issuer": issuer, "client": CLIENT, "title": "360 Imaging API"}


def token(role: str) -> str:
    """Shaped as a JWT; the page reads the role only to leave out what would be refused."""
    parts = ({"alg": "none"}, {"sub": uuid(90), "role": role})
    return ".".join(urlsafe_b64encode(json.dumps(part).encode()).decode().rstrip("=") for part in parts) + ".x"


def signed_in(role: str = "reviewer") -> str:
    """A script that signs a page in before it starts."""
    kept = {"token": token(role), "role": role, "name": "Robin", "until": 4102444800000}
    return (
        f"if (location.protocol === 'http:') sessionStorage.setItem('vitrine.review', {json.dumps(json.dumps(kept))})"
    )


def _listed(asked: Request, items: list[Json]) -> Answer:
    if not asked.headers.get("Authorization", "").startswith("Bearer "):
        return as_json(401, {"error": {"code": "UNAUTHENTICATED", "message": "Sign in first."}})
    return as_json(200, {"data": items, "total": len(items), "limit": 100, "offset": 0})


def _session(number: int, stock: str, verdict: str, count: int) -> Json:
    """What its own address answers; a row of the list has fewer fields."""
    return {
        "id": uuid(number),
        "org_id": uuid(70),
        "site_id": uuid(71),
        "vehicle_id": uuid(72),
        "vehicle": {"id": uuid(72), "vin": "WVGZZZ5NZEW069297", "stock": stock},
        "mode": "studio360",
        "shot_list": {"studio360": {"frame_count": 24}},
        "operator": {"id": uuid(73), "name": "Kim"},
        "device": {"id": uuid(74), "model": "iPhone 15 Pro"},
        "status": "active" if verdict == "open" else "complete",
        "set": _verdict(verdict),
        "warnings": [],
        "started_at": utc_now().isoformat(),
        "completed_at": None,
        "image_count": count,
        "published_version": None,
    }


def row(session: Json) -> Json:
    own = ("id", "vehicle", "mode", "status", "operator", "started_at", "image_count", "published_version")
    site = {"id": session["site_id"], "name": "Main studio"}
    return {**{name: session[name] for name in own}, "site": site, "set_status": session["set"]["status"]}


def _verdict(status: str) -> Json:
    station = {"station": "frame 20, 285 degrees, left rear", "remedy": "Shoot from the left rear corner."}
    return {
        "status": status,
        "set_version": 25,
        "judged_version": 25,
        "missing": [{"frame": LOST, "angle_deg": 15 * LOST}],
        "missing_stills": [],
        "thresholds": "2026-11",
        "confidence": 0.9,
        "direction": "clockwise",
        "front_frame": 0,
        "front_image_id": uuid(100),
        "reshoot": [{"id": None, "index": LOST, "angle_deg": 15.0 * LOST, "codes": ["missing"], **station}],
        "checks": {"seam": check("seam", "warn", 1.4, 1.0, "The last step is longer than the others.")},
    }


def check(name: str, status: str, score: float, threshold: float, message: str = "", remedy: str | None = None) -> Json:
    text = message or f"The {name} is as it should be."
    code = f"{name}_{status}"
    return {
        "score": score,
        "threshold": threshold,
        "status": status,
        "code": code,
        "message": text,
        "remedy": remedy,
        "confidence": 0.95,
    }


def _versions(k: int) -> Iterator[Json]:
    yield _image(k, number=k, picture=k, checks=_checks(k))
    if k == RETAKEN:
        yield {**_image(k, number=60, picture=k - 1, checks=_checks(BLURRED)), "current": False}


def _checks(k: int) -> Json:
    sharp = 120.0 if k == BLURRED else 430.0 + 40 * ((k * 7) % 5)
    light = 0.9 if k == BRIGHT else 0.48 + 0.01 * ((k * 5) % 4)
    found = {
        "sharpness": check("sharpness", "pass", sharp, 210.0),
        "exposure": check("exposure", "pass", light, 0.7),
        "framing": check("framing", "pass", 0.01, 0.03),
    }
    if k == BLURRED:
        found["sharpness"] = check(
            *("sharpness", "fail", sharp, 210.0),
            "This frame is blurred: its detail is 0.28 of its neighbours'.",
            "Hold the camera still, and shoot frame 4 again from the same spot.",
        )
    if k == BRIGHT:
        text = "This frame is brighter than its neighbours."
        found["exposure"] = check("exposure", "fail", light, 0.7, text, "Lock the exposure.")
    if k == DOUBLED:
        text = "This frame shows the same as frame 14."
        found["duplicate"] = check("duplicate", "warn", 0.1, 0.25, text, "Turn the car one step further.")
    return found


def _image(k: int, number: int, picture: int, checks: Json) -> Json:
    return {
        "id": uuid(100 + number),
        "angle_deg": 15 * k,
        "shot_name": None,
        "file_name": f"IMG_{k + 1:03}.jpg",
        "frame": k,
        "position_source": "file_name",
        "position_conflict": None,
        "current": True,
        "thumb_keys": {size: f"org/t/{picture}/thumb_{size}.jpg" for size in ("150", "600", "1200")},
        "thumb_urls": dict.fromkeys(("150", "600", "1200"), f"/t/{picture}.jpg"),
        "qc": checks,
        "review": None,
        "duplicate_of": uuid(100 + k - 1) if k == DOUBLED else None,
        "error": None,
        "status": "processed",
        "created_at": utc_now().isoformat(),
        "published_at": None,
    }


@contextmanager
def identity_provider(folder: Path) -> Iterator[str]:
    """The provider of a local deployment, on a port of its own."""
    config = uvicorn.Config("", host="127.0.0.1", port=0, log_level="error", lifespan="off")
    socket = config.bind_socket()
    url = f"http://127.0.0.1:{socket.getsockname()[1]}"
    config.app = create_app(url, "https://api.vitrine.test", folder / "keys.json")
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, args=([socket],), daemon=True)
    thread.start()
    try:
        yield url
    finally:
        server.should_exit = True
        thread.join()
