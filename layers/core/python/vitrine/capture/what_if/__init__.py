"""What other thresholds would have made of past sets; nothing is written, and no picture is decoded."""
