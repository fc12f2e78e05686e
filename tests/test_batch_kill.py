"""A run that is killed at any moment, and run again, ends where an undisturbed one does."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.test_batch import recorded

pl = pytest.importorskip("polars", reason="Polars comes with the batch extra")

KILLS = 10
ROOT = Path(__file__).resolve().parent.parent
NURSERY = """
import os, sys
from sanctions_engine.cli import main
from sanctions_engine.engine import Engine
Engine(matcher="python").close()  # the law is read once, before any process is born
for line in sys.stdin:
    child = os.fork()
    if not child:
        sys.argv = ["sanctions-engine", *line.rstrip("\\n").split("\\t")]
        os._exit(main())
    print(child, flush=True)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)
"""
"""Starts ``sanctions-engine`` as a process of its own for every line, as quickly as a warm cache would."""


class Runs:
    """Starts runs of the command line one after another."""

    def __init__(self, nursery: subprocess.Popen[str]) -> None:
        self._in, self._out = nursery.stdin, nursery.stdout

    def start(self, source: Path, out: Path) -> int:
        assert self._in is not None
        self._in.write("\t".join(("batch", str(source), "-o", str(out), "--part-rows", "5", "--explain")) + "\n")
        self._in.flush()
        return self._number()

    def end(self) -> int:
        return self._number()

    def _number(self) -> int:
        assert self._out is not None
        line = self._out.readline()
        while not line.lstrip("-").rstrip("\n").isdigit():  # what the run itself says
            assert line, "the nursery died"
            line = self._out.readline()
        return int(line)


@pytest.fixture
def runs() -> Iterator[Runs]:
    environment = {**os.environ, "POLARS_MAX_THREADS": "1"}
    with subprocess.Popen(
        [sys.executable, "-c", NURSERY], cwd=ROOT, env=environment, text=True,
        stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
    ) as nursery:  # fmt: skip
        yield Runs(nursery)
        nursery.kill()


def progress(out: Path) -> str:
    manifest = out / "run.json"
    return manifest.read_text(encoding="utf-8") if manifest.exists() else ""


def test_a_run_killed_ten_times_and_resumed_gives_what_an_undisturbed_run_gives(runs: Runs, tmp_path: Path) -> None:
    rng = random.Random(1718)
    rows = [{**row, "transaction": f"t{i}"} for i, described in enumerate(recorded(5, 300)) for row in described]
    rows[101]["hs"] = "zz"  # one for the quarantine
    rows[200]["transaction"] = "t20"  # and one that does not stand with its like
    source = tmp_path / "in.parquet"
    pl.DataFrame(rows, infer_schema_length=None).write_parquet(source)
    runs.start(source, tmp_path / "whole")
    assert runs.end() == 65
    killed = 0
    out = tmp_path / "killed"
    for _ in range(KILLS):
        run = runs.start(source, out)
        before = progress(out)
        patience = time.monotonic() + 20
        while progress(out) == before and time.monotonic() < patience:
            time.sleep(0.001)
        time.sleep(rng.uniform(0, 0.05))
        os.kill(run, signal.SIGKILL)
        killed += runs.end() == -signal.SIGKILL
    assert killed == KILLS
    runs.start(source, out)
    assert runs.end() == 65
    for name in ("verdicts.parquet", "findings.parquet", "quarantine.parquet", "explanations.jsonl"):
        assert (out / name).read_bytes() == (tmp_path / "whole" / name).read_bytes(), name
    assert not (out / "parts").exists()
    verdicts, quarantine = (pl.read_parquet(out / f"{name}.parquet") for name in ("verdicts", "quarantine"))
    told = [*verdicts["row"].to_list(), *quarantine["row"].to_list()]
    assert sorted(told) == list(range(1, len(rows) + 1)), "a row was lost or doubled"
