"""Work of every kind: queued, started, waited for, ended and paid, by the same code whatever its kind."""
