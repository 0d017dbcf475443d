"""`python -m tests.bench.round_trips`: requests to DynamoDB per route, in a process that knows the account.

The first request of an account in a process reads it once more; an account's very first call opens it, for one more
still. A held event stream asks twice a second. Goal (DESIGN.md section 6): no route over 4.
"""

import sys
from io import StringIO

from tests import conftest  # noqa: F401  (sets the environment before any store is imported)


def main() -> None:
    from tests.support.costs import costs

    out, sys.stdout = sys.stdout, StringIO()  # the handlers' logs
    found = [(count, surface, route) for surface, routes in costs().items() for route, count in routes.items()]
    sys.stdout = out
    for count, surface, route in sorted(found, key=lambda each: -each[0]):
        print(f"{count}  {surface:12} {route}")


if __name__ == "__main__":
    main()
