"""Pages that people look at, and the files they are made of.

A page's links name the version of its files, so that browsers keep them for ever. Its policy (CSP) lets it run its own
scripts, show its own styles, and ask the hosts that it is given; nothing stands inline, and none of our scripts may
make HTML of text.
"""

import gzip
from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from html import escape
from pathlib import Path
from typing import Annotated

from aws_lambda_powertools.event_handler import Response
from aws_lambda_powertools.event_handler.openapi.params import Header

from vitrine.kernel import conditional
from vitrine.kernel.errors import NotFound
from vitrine.kernel.http import Allow, Api
from vitrine.kernel.http.policy import Declared

HTML = "text/html; charset=utf-8"
TYPES = {".js": "text/javascript; charset=utf-8", ".css": "text/css; charset=utf-8"}
_SECURITY = {"Referrer-Policy": "no-referrer", "X-Content-Type-Options": "nosniff"}
_YEAR_S, _SHORT_S = 31_536_000, 300

AcceptEncoding = Annotated[str, Header(alias="Accept-Encoding")]


@dataclass(frozen=True)
class Hosts:
    """Whom a page may ask besides its own host, as origins: `pictures` for images, `asked` for its requests. `framed`:
    other sites may show the page in a frame. Without `trusting` no script may make HTML of text."""

    pictures: tuple[str, ...] = ()
    asked: tuple[str, ...] = ()
    framed: bool = False
    trusting: bool = False

    @property
    def policy(self) -> str:
        return "; ".join(
            (
                "default-src 'none'",
                "script-src 'self'",
                "style-src 'self'",
                _sources("img-src 'self' data:", self.pictures),
                _sources("connect-src 'self'", self.asked),
                "base-uri 'none'",
                "form-action 'none'",
                "frame-ancestors *" if self.framed else "frame-ancestors 'none'",
                *(() if self.trusting else ("require-trusted-types-for 'script'", "trusted-types 'none'")),
            )
        )


def _sources(own: str, others: Iterable[str]) -> str:
    return " ".join((own, *sorted(set(others))))


class Files:
    """Files by their names, from the first of the folders that has them."""

    def __init__(self, names: Sequence[str], *folders: Path) -> None:
        self.names, self._folders = names, folders

    @cached_property
    def version(self) -> str:
        return conditional.etag(b"".join(self.path(name).read_bytes() for name in self.names)).strip('"')[:8]

    def path(self, name: str) -> Path:
        return next(path for folder in self._folders if (path := folder / name).exists())

    def page(self, page: str, words: Mapping[str, str], hosts: Hosts) -> Response[str]:
        """An HTML file of these folders, each `{word}` in it replaced by its text."""
        text = _versioned(self, page)
        for word, said in words.items():
            text = text.replace(f"{{{word}}}", escape(said))
        headers = {"Cache-Control": f"public, max-age={_SHORT_S}", "Content-Security-Policy": hosts.policy}
        return Response(200, HTML, text, {**headers, **_SECURITY})

    def sent(self, name: str, version: str, encodings: str) -> Response[str]:
        """A file, for a year to who asks for it by its version. Raises NotFound."""
        if name not in self.names:
            raise NotFound("There is no such file.")
        kept = f"{_YEAR_S}, immutable" if version == self.version else str(_SHORT_S)
        headers = {"Cache-Control": f"public, max-age={kept}", "Vary": "Accept-Encoding", **_SECURITY}
        # Whoever shows a viewer of ours may have cut himself off from other hosts (COEP).
        headers["Cross-Origin-Resource-Policy"] = "cross-origin"
        path = self.path(name)
        if "gzip" not in encodings:
            return Response(200, TYPES[path.suffix], path.read_text(), headers)
        packed: Response[str] = Response(
            200, TYPES[path.suffix], _compressed(path), {**headers, "Content-Encoding": "gzip"}
        )
        packed.base64_encoded = True
        return packed


def serve_files(api: Api, path: str, files: Files, tag: str, name: str) -> None:
    """Answer GET `path`/{file}, as the operation `name`."""

    def page_file(file: str, v: str = "", accept_encoding: AcceptEncoding = "") -> Response[str]:
        return files.sent(file, v, accept_encoding)

    page_file.__name__ = name
    declared = public("Get a file of that page", tag, "The file", "text/javascript")
    declared["errors"] = (404,)
    api.get(f"{path}/{{file}}", **declared)(page_file)


def public(summary: str, tag: str, answer: str = "The page", media_type: str = "text/html") -> Declared:
    """A route that reads files alone and answers everybody the same; its answer is no model."""
    schema = {"type": "object" if media_type == "application/json" else "string"}
    responses = {200: {"description": answer, "content": {media_type: {"schema": schema}}}}
    return Declared(summary=summary, tags=[tag], responses=responses, allow=Allow.PUBLIC, round_trips=0)


@cache
def _versioned(files: Files, page: str) -> str:
    return files.path(page).read_text().replace("{version}", files.version)


@cache
def _compressed(path: Path) -> str:
    """Swagger UI's script goes from 1.5 MB to 0.4 MB."""
    return b64encode(gzip.compress(path.read_bytes(), compresslevel=6, mtime=0)).decode()
