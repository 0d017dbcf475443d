"""Answers of a surface, as the demos take them."""

import httpx

from infra.errors import CommandError

PASSING = frozenset({429, 502, 503, 504})
"""Statuses after which the same request may be answered otherwise."""


def checked(answer: httpx.Response) -> httpx.Response:
    """The answer, read if it was refused. Raises `CommandError` for one that was."""
    if not answer.is_success:
        answer.read()
        # Without the query: a signed URL's is a credential.
        asked = f"{answer.request.method} {answer.request.url.copy_with(query=None)}"
        advice = "The answer is below; `vitrine logs` shows the functions' log lines."
        raise CommandError(f"{asked} was answered with {answer.status_code}.", advice, answer.text[:1000])
    return answer
