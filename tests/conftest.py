"""Shared engines, built once: the bundled book with each matcher, and without a person's installed list."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

settings.register_profile(
    "default", max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow], derandomize=True
)
# Some seventy property tests: over a million cases (`make soak`).
settings.register_profile("soak", max_examples=15_000, deadline=None, suppress_health_check=list(HealthCheck))
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "default"))


@pytest.fixture(scope="session", autouse=True)
def _no_installed_list(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Point the list store at an empty folder, so that tests see the starter list whatever is installed."""
    before = os.environ.get("SANCTIONS_ENGINE_LISTS")
    os.environ["SANCTIONS_ENGINE_LISTS"] = str(tmp_path_factory.mktemp("lists"))
    yield
    if before is None:
        del os.environ["SANCTIONS_ENGINE_LISTS"]
    else:
        os.environ["SANCTIONS_ENGINE_LISTS"] = before


@pytest.fixture(scope="session")
def shared() -> Path:
    """The folder of real data beside the project; tests that need it are skipped without it."""
    folder = Path(__file__).resolve().parent.parent.parent / "shared"
    if not folder.is_dir():
        pytest.skip("../shared, the folder of real data, is not here")
    return folder
