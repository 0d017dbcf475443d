"""One vehicle for one VIN or stock number, whoever asks first, and however many ask at once."""
