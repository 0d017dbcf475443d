"""`python -m tests.bench.round_trips`: requests to DynamoDB per route, in a process that knows the account.

The first request of an account in a process reads it once more; an account's very first call opens it, for one more
still. A held event stream asks twice a second. Goal (DESIGN.md section 6): no route over 4.
"""

import sys
from io import StringIO

from tests import conftest  # noqa: F401  (sets the environment before any store is imported)
from tests.support.cloud import aws


def main() -> None:
    from tests.functions import test_realstaging, test_stagecraft_round_trips

    out, sys.stdout = sys.stdout, StringIO()  # the handlers' logs
    with aws():
        costs = test_realstaging.round_trips() | test_stagecraft_round_trips.round_trips()
    sys.stdout = out
    for route, count in sorted(costs.items(), key=lambda item: -item[1]):
        print(f"{count}  {route}")


if __name__ == "__main__":
    main()
