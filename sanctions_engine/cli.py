"""The command ``sanctions-engine``: verbs, and what each way of ending is worth.

Verbs are imported when they are used, so that ``--help`` is quick. Nothing that failed exits 0, and no traceback
reaches a terminal.
"""

from __future__ import annotations

import gc
import os
import signal
import sys
from collections.abc import Sequence
from importlib import import_module, metadata

import click

from sanctions_engine.commands.exits import Exit, echo_problems

__all__ = ["main", "root"]


_VERBS: dict[str, tuple[str, str]] = {
    "check": ("check:check", "Check described transactions (YAML or JSON) against the law."),
    "batch": ("batch:batch", "Check a table of transactions (CSV, JSON lines, Parquet, Arrow)."),
    "explain": ("rules:explain", "Show what a rule says: paragraph, dates, condition, exemptions, tests."),
    "rules": ("rules:rules_group", "List, lint and write rules; print the schema of a rule file."),
    "test": ("test:test", "Run scenario files (*.scenario.yaml)."),
    "screen": ("lists:screen", "Screen a name against the UN list."),
    "list": ("lists:list_group", "Install and look at the UN list of parties and vessels."),
}


class _Verbs(click.Group):
    """Verbs that are imported when they are called; their first lines stand in the table above."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(_VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = _VERBS.get(cmd_name)
        if found is None:
            return None
        module, _, name = found[0].partition(":")
        command = getattr(import_module(f"sanctions_engine.commands.{module}"), name)
        assert isinstance(command, click.Command)  # noqa: S101  # the table names commands only
        return command

    def resolve_command(
        self, ctx: click.Context, args: list[str]
    ) -> tuple[str | None, click.Command | None, list[str]]:
        if args and args[0] not in _VERBS and not args[0].startswith("-"):
            from sanctions_engine.errors import did_you_mean

            hint = did_you_mean(args[0], list(_VERBS)) or f"; known: {', '.join(_VERBS)}"
            raise click.UsageError(f"no command {args[0][:60]!r}{hint}", ctx)
        return super().resolve_command(ctx, args)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Commands"):
            formatter.write_dl([(name, says) for name, (_, says) in _VERBS.items()])


def _version(ctx: click.Context, _: click.Parameter, value: bool) -> None:
    if not value or ctx.resilient_parsing:
        return
    try:
        version = metadata.version("sanctions-engine")
    except metadata.PackageNotFoundError:
        version = "unknown"
    click.echo(f"sanctions-engine {version}")
    ctx.exit()


@click.group(
    cls=_Verbs,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  sanctions-engine check deal.yaml                  what the law says of one transaction
  sanctions-engine check deal.yaml --why            with the whole tree of why
  sanctions-engine check - --format json < deal.yaml
  sanctions-engine check deals/*.yaml --as-of 2017-01-01
  sanctions-engine batch year.parquet -o verdicts   a million transactions, verdicts as tables
  sanctions-engine explain 1874/9                   a paragraph as this rulebook reads it
  sanctions-engine rules list --regime un.dprk --in-force-on 2016-03-02
  sanctions-engine test tests/scenarios
  sanctions-engine screen "Korea Mining Development Trading"

\b
Exit codes: 0 clear, exempt or advisory; 2 violation (or a failed scenario); 3 potential;
4 incomplete; 5 duty; 64 wrong usage; 65 bad input or rules; 70 our own error.
For several files: the gravest of 70, 65, 2, 3, 5, 4, 0.""",
)
@click.option("--version", is_flag=True, is_eager=True, expose_value=False, callback=_version, help="Show the version.")
def root() -> None:
    """UN Security Council measures as tested code: described transactions in, cited findings out."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code.

    Args:
        arguments: Words after the command's name; those of the process where not given.
    """
    if arguments is None:
        # The process is ours. Starting makes a hundred thousand objects and drops hardly one: the collector would look
        # through them again and again for nothing. What a long run drops is still collected.
        gc.set_threshold(50_000, 20, 100)
    try:
        result = root.main(
            args=list(arguments) if arguments is not None else None, prog_name="sanctions-engine", standalone_mode=False
        )
        sys.stdout.flush()
        return result if isinstance(result, int) else Exit.CLEAR
    except click.UsageError as error:
        error.show()
        return Exit.USAGE
    except click.ClickException as error:
        error.show()
        return Exit.BAD_INPUT
    except (click.Abort, KeyboardInterrupt):
        click.echo("interrupted; nothing was cleared", err=True)
        return 128 + signal.SIGINT
    except (SystemExit, BrokenPipeError):
        # Whoever read our output has enough of it; click turns that into an exit of its own, and into nothing else.
        # What is left must not raise again when Python flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 128 + signal.SIGPIPE
    except Exception as error:  # the last line of defence: a failure is never a traceback and never 0
        return _failed(error)


def _failed(error: Exception) -> int:
    """Say who must act on an error, and return its exit code."""
    from sanctions_engine.errors import InputError, RuleError

    if isinstance(error, (InputError, RuleError)):
        echo_problems(error)
        return Exit.BAD_INPUT
    if os.environ.get("SANCTIONS_ENGINE_DEBUG"):
        raise error
    from sanctions_engine.plain import safe

    click.echo(
        f"our error, nothing was cleared: {type(error).__name__}: {safe(str(error), 300)} "
        "(set SANCTIONS_ENGINE_DEBUG=1 for the traceback, and please report it)",
        err=True,
    )
    return Exit.OURS
