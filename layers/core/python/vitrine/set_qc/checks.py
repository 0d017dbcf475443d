"""How a number becomes a check."""

from collections.abc import Sequence

from vitrine.set_qc.models import Check, CheckStatus
from vitrine.set_qc.thresholds import Band

_RANK = {CheckStatus.PASS: 0, CheckStatus.WARN: 1, CheckStatus.FAIL: 2}


def above(score: float, band: Band) -> tuple[CheckStatus, float]:
    """The status of a number whose high values are bad, and the threshold that it was compared with."""
    if score >= band.fail:
        return CheckStatus.FAIL, band.fail
    return (CheckStatus.WARN if score >= band.warn else CheckStatus.PASS), band.warn


def below(score: float, band: Band) -> tuple[CheckStatus, float]:
    """As `above`, where low values are bad."""
    if score <= band.fail:
        return CheckStatus.FAIL, band.fail
    return (CheckStatus.WARN if score <= band.warn else CheckStatus.PASS), band.warn


def passed(
    code: str, message: str, score: float | None = None, threshold: float | None = None, sure: float = 1.0
) -> Check:
    rounded = None if score is None else round(score, 4)
    return Check(
        score=rounded,
        threshold=threshold,
        status=CheckStatus.PASS,
        code=code,
        message=message,
        confidence=round(sure, 2),
    )


def judged(
    score: float,
    compared: tuple[CheckStatus, float],
    bad: tuple[str, str, str],
    good: tuple[str, str],
    sure: float = 1.0,
) -> Check:
    """`bad` is code, message and remedy of what does not pass, `good` code and message of what does."""
    status, threshold = compared
    if status is CheckStatus.PASS:
        return passed(*good, score=score, threshold=threshold, sure=sure)
    code, message, remedy = bad
    return Check(
        score=round(score, 4),
        threshold=threshold,
        status=status,
        code=code,
        message=message,
        remedy=remedy,
        confidence=round(sure, 2),
    )


def worst(checks: Sequence[Check]) -> Check:
    """The first of those with the gravest status."""
    return max(checks, key=lambda check: _RANK[check.status])


def fails(check: Check) -> bool:
    return check.status is CheckStatus.FAIL


def passes(check: Check) -> bool:
    return check.status is CheckStatus.PASS
