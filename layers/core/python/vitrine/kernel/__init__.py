"""What every context stands on: errors, HTTP, configuration, observability, time, ids, tables, limits.

The kernel knows no context. `environment` and `schema` import neither boto3 nor pynamodb: infra shares them.
"""
