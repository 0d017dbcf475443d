"""Storing bytecode as pytest's first plugin (`-p` in pyproject.toml): before the plugins whose imports cost seconds."""

from infra.local.bytecode import store_bytecode

store_bytecode()
