"""`python -m tests.bench.handlers`: a handler's CPU time, warm and cold, against FastAPI + Mangum + boto3 on the same
route. Goals (DESIGN.md section 6): warm at most 5 ms, cold at most 250 ms, both ahead of the rival.
"""

import json
import os
import subprocess
import sys
from statistics import median

from tests import conftest
from tests.support.issuer import issuer
from vitrine.identity.rules import principal_of

RUNS = 7


def run(who: str) -> dict[str, float]:
    token = issuer().token("bench")
    tenant = principal_of({"iss": issuer().url, "sub": "auth0|bench"}).tenant
    environment = {
        **os.environ,
        **conftest.ENVIRONMENT,
        "VITRINE_OIDC_JWKS_URL": f"{issuer().url}keys",
        "BENCH_TOKEN": token,
        "BENCH_TENANT": tenant,
    }
    command = [sys.executable, "-m", "tests.bench.routes", who]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    measured: dict[str, float] = json.loads(done.stderr.splitlines()[-1])
    return measured


def main() -> None:
    # Alternating, so that a noisy moment of the machine meets both.
    rounds = [(run("ours"), run("fastapi")) for _ in range(RUNS)]
    for name, label in (("warm_ms", "warm request"), ("first_ms", "process start to first answer")):
        mine = median(ours[name] for ours, _ in rounds)
        theirs = median(rival[name] for _, rival in rounds)
        print(f"{label}: {mine:.1f} ms CPU; FastAPI + Mangum + boto3 {theirs:.1f} ms; ratio {mine / theirs:.2f}")


if __name__ == "__main__":
    main()
