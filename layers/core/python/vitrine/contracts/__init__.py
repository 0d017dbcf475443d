"""Messages between deployables. Importable with pydantic alone, since the inference image has no boto3 of ours."""
