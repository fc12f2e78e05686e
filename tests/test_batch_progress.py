"""Who waits at a terminal sees a bar with rate and time left; what is no terminal gets no control characters."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from sanctions_engine.commands.exits import Exit

pytest.importorskip("polars", reason="Polars comes with the batch extra")
pty = pytest.importorskip("pty", reason="there are no pseudo-terminals here")

ROOT = Path(__file__).resolve().parent.parent
SLOW = """
import sys, time
import sanctions_engine.batch as batch
from sanctions_engine.cli import main
real = batch.check_frame
def slow(*given, progress, **named):
    def told(*at):
        progress(*at)
        time.sleep(0.3)  # longer than the bar waits before it draws itself again
    return real(*given, progress=told, **named)
batch.check_frame = slow
sys.exit(main())
"""
"""``sanctions-engine`` with a pause after each part, so that what is shown does not hang on how fast it is."""
SHOWN, HIDDEN = "\x1b[?25h", "\x1b[?25l"
"""How a terminal is told to show its cursor, and to hide it."""


@pytest.fixture
def command(tmp_path: Path) -> list[str]:
    rows = [f"t{n},sale,{country},2021-03-04" for n, country in enumerate(["DE", "FR", "IT", "ES", "PT", "NL"])]
    table = tmp_path / "in.csv"
    table.write_text("\n".join(["transaction,activities,to_country,occurred", *rows, ""]), encoding="utf-8")
    return [sys.executable, "-c", SLOW, "batch", str(table), "-o", str(tmp_path / "out"), "--part-rows", "1"]


def at_a_terminal(command: list[str], interrupt_at: str | None = None) -> tuple[int, str, str]:
    """Run a command whose errors go to a terminal: its exit code, what it printed, what the terminal was sent.

    Args:
        command: What to run.
        interrupt_at: Press Ctrl-C once the terminal was sent what this pattern says.
    """
    from fcntl import ioctl
    from struct import pack
    from termios import TIOCSWINSZ

    ours, theirs = pty.openpty()
    ioctl(theirs, TIOCSWINSZ, pack("HHHH", 24, 120, 0, 0))
    environment = {**os.environ, "TERM": "xterm"}
    process = subprocess.Popen(
        command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=theirs, cwd=ROOT, env=environment, text=True
    )
    os.close(theirs)
    sent = b""
    while True:
        try:
            piece = os.read(ours, 4096)
        except OSError:  # how Linux says that the other end is closed
            piece = b""
        if not piece:
            break
        sent += piece
        if interrupt_at and re.search(interrupt_at, sent.decode(errors="ignore")):
            process.send_signal(signal.SIGINT)
            interrupt_at = None
    os.close(ours)
    printed, _ = process.communicate()
    return process.returncode, printed, sent.decode()


def drawn(sent: str) -> list[str]:
    """Return the lines that a terminal was made to draw, without colours and movements, one for each time."""
    plain = re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", sent)
    return [line.strip() for line in re.split(r"[\r\n]+", plain) if line.strip()]


def test_a_terminal_is_shown_how_far_it_is_how_fast_and_how_long_it_will_take(command: list[str]) -> None:
    code, printed, sent = at_a_terminal(command)
    assert (code, printed.splitlines()[-1]) == (Exit.INCOMPLETE, "6 rows: 6 judged, 0 quarantined")
    lines = drawn(sent)
    half = [line for line in lines if "% 3 rows " in line]
    assert half, lines
    shown = re.fullmatch(r"checking ━+\S* +(\d+)% 3 rows [\d,]+ rows a second \d:\d\d:\d\d left", half[-1])
    assert shown, half[-1]
    assert 40 < int(shown[1]) < 80
    assert [line for line in lines if re.search(r"[1-9] left", line)], "time is left while rows are"
    assert re.search(r"100% 6 rows .* 0:00:00 left", lines[-1])
    assert sent.rindex(SHOWN) > sent.rindex(HIDDEN)


def test_control_c_ends_the_bar_and_gives_the_cursor_back(command: list[str], tmp_path: Path) -> None:
    code, printed, sent = at_a_terminal(command, interrupt_at="rows a second")
    assert code == 130
    assert not printed
    assert sent.rindex(SHOWN) > sent.rindex(HIDDEN)
    assert (tmp_path / "out" / "run.json").exists(), "and it goes on from there"


def test_what_is_no_terminal_is_sent_no_control_characters(command: list[str]) -> None:
    plain = [sys.executable, "-m", "sanctions_engine", *command[3:]]
    environment = {k: v for k, v in os.environ.items() if k not in ("FORCE_COLOR", "TTY_COMPATIBLE")}
    environment |= {"TERM": "xterm-256color", "COLUMNS": "120"}
    done = subprocess.run(plain, capture_output=True, cwd=ROOT, env=environment, check=False)
    assert (done.returncode, done.stderr) == (Exit.INCOMPLETE, b"")
    assert [character for character in done.stdout.decode() if ord(character) < 32 and character != "\n"] == []
