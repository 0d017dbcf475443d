"""`python -m tests.examples`: call every example, and write what became of it to `events/examples`."""

from contextlib import redirect_stdout
from io import StringIO


def main() -> None:
    with redirect_stdout(StringIO()):  # the handlers' logs
        from tests import conftest  # noqa: F401  (sets the environment before any store is imported)
        from tests.examples.recorded import files

        written = files()
    for path, text in written.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        print(f"wrote {path.name}; `vitrine contracts` puts it into the document")


if __name__ == "__main__":
    main()
