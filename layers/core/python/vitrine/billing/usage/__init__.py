"""How much an account stages, against what its plan allows: by the hour, by the day, and by the month."""
