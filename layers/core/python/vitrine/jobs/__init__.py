"""Everything that takes long: one lifecycle, whose every change is an event written with the state it led to."""
