"""The scenarios of the house rules need the house rules: they are collected only where those are named."""

from pathlib import Path

import pytest


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Leave the house rules' scenarios out unless --sanctions-rules is given."""
    at_home = "house_rules" in collection_path.parts
    return True if at_home and not config.getoption("--sanctions-rules") else None
