"""``rules`` and ``explain``: what the law in this book says, and help for those who write it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from pathlib import Path
from typing import Literal

import click
from rich.text import Text

from sanctions_engine.commands.assurance import coverage, lint
from sanctions_engine.commands.check import console_for, house_rules
from sanctions_engine.commands.difference import diff_command
from sanctions_engine.commands.exits import Exit
from sanctions_engine.commands.mutation import mutate_command
from sanctions_engine.condition import All, AnyOf, Condition, Contested, Not, Test
from sanctions_engine.documents import write_file
from sanctions_engine.errors import InputError, Problem, did_you_mean
from sanctions_engine.intake.categories import GoodsCategories
from sanctions_engine.intake.countries import country_name
from sanctions_engine.plain import safe, safe_json
from sanctions_engine.render import Entry, Page, Section, markdown, print_page, span_in_words
from sanctions_engine.rule import CompiledRule, Effect, Resolution
from sanctions_engine.rulebook import Rulebook, bundled_rules
from sanctions_engine.scenario import load_scenarios
from sanctions_engine.schema import rule_schema, scenario_schema, schema_text, transaction_schema
from sanctions_engine.wording import GRADES, bound_in_words, joined, say_test

__all__ = ["explain", "rules_group"]

_ALL = 10_000
_DAY = click.DateTime(formats=["%Y-%m-%d"])


@click.group(
    "rules",
    epilog="""\b
Examples:
  sanctions-engine rules list --regime un.dprk --effect prohibition
  sanctions-engine rules lint house_rules
  sanctions-engine rules schema -o rule.schema.json
  sanctions-engine rules new house.acme.arms-everywhere --rules house_rules""",
)
def rules_group() -> None:
    """List, lint and write rules; print the schema of a rule file."""


# ---------------------------------------------------------------------- list


@rules_group.command("list")
@click.option("--regime", help="Only this regime, such as un.dprk.")
@click.option("--in-force-on", "day", type=_DAY, metavar="DATE", help="Only what is in force on that day.")
@click.option("--effect", type=click.Choice([effect.value for effect in Effect]), help="Only rules of this effect.")
@house_rules
@click.option("--format", "form", type=click.Choice(["text", "json"]), default="text", show_default=True)
@click.option("--color/--no-color", default=None)
def list_rules(
    regime: str | None,
    day: datetime | None,
    effect: str | None,
    folders: tuple[Path, ...],
    form: str,
    color: bool | None,
) -> None:
    """List rules: paragraph, id, effect, dates, how surely the paragraph was checked."""
    book = Rulebook.load(*folders)
    if regime is not None and regime not in book.regimes:
        raise click.UsageError(f"no regime {regime!r}{did_you_mean(regime, list(book.regimes))}")
    on = day.date() if day is not None else None
    found = [
        rule
        for rule in book.rules
        if (regime is None or rule.regime.regime == regime)
        and (effect is None or rule.rule.effect.value == effect)
        and (
            on is None
            or (rule.rule.in_force.from_ <= on and (rule.rule.in_force.until is None or on < rule.rule.in_force.until))
        )
    ]
    if form == "json":
        click.echo(safe_json([_rule_json(rule) for rule in found]))
        return
    console = console_for(color)
    wide = max((len(rule.rule.authority.citation) for rule in found), default=0)
    ids = max((len(rule.id) for rule in found), default=0)
    for rule in found:
        line = Text(f"{rule.rule.authority.citation:<{wide}}  ", "bold")
        line.append(f"{rule.id:<{ids}}  ", "dim")
        line.append(f"{rule.rule.effect.value:<11}  ")
        line.append(safe(rule.rule.title))
        line.append(f"  {span_in_words(rule.rule.in_force)} · {rule.rule.authority.checked}", "dim")
        console.print(line, soft_wrap=True)
    console.print(Text(f"{len(found)} of {len(book.rules)} rules", "dim"))


def _rule_json(rule: CompiledRule) -> dict[str, object]:
    written = rule.rule
    return {
        "rule": rule.id,
        "title": written.title,
        "regime": rule.regime.regime,
        "paragraph": written.authority.citation,
        "citations": list(rule.citations),
        "checked": written.authority.checked,
        "from": written.in_force.from_.isoformat(),
        "until": written.in_force.until.isoformat() if written.in_force.until is not None else None,
        "effect": written.effect.value,
        "severity": written.severity.value,
        "for_each": written.for_each.value,
        "binds": list(written.binds),
        "exemptions": [{"title": e.title, "paragraph": e.paragraph, "checked": e.checked} for e in rule.exemptions],
        "contested": written.contested,
    }


# ---------------------------------------------------------------------- lint, schema


rules_group.add_command(lint)
rules_group.add_command(mutate_command)
rules_group.add_command(diff_command)
rules_group.add_command(coverage)


@rules_group.command("schema")
@click.argument("what", type=click.Choice(["rule", "transaction", "scenario"]), default="rule")
@click.option("--words", is_flag=True, help="Offer the regimes and goods classes of the bundled book too.")
@click.option("-o", "--output", type=click.Path(path_type=Path, dir_okay=False), help="Write a file.")
def schema(what: Literal["rule", "transaction", "scenario"], words: bool, output: Path | None) -> None:
    """Print the JSON Schema of a rule file, a transaction or a scenario file: editors complete and check by it.

    At the top of a file: # yaml-language-server: $schema=rule.schema.json
    """
    match what:
        case "rule":
            text = schema_text(rule_schema(Rulebook.load() if words else None))
        case "transaction":
            text = schema_text(transaction_schema())
        case "scenario":
            text = schema_text(scenario_schema())
    if output is None:
        click.echo(text, nl=False)
    else:
        write_file(output, text)


# ---------------------------------------------------------------------- new

_RULE = """\
rule: {rule}
title: Say in a line what it forbids
authority: {{{authority}, paragraph: {paragraph}, checked: memory}}
in_force: {{from: {day}}}
effect: prohibition                # prohibition, cap, duty, call, indicator
{binds}
for_each: goods                    # transaction, activity, goods, party, vessel
when:
  all:
    - activity: {{in: $activities.transfer}}
    - to.states: {{include: {state}}}
severity: medium
because: >-
  Say why this condition captures the paragraph, and what it does not capture.
"""

_BINDS = "binds: [every_member_state]\nreach: [territory, nationals, flag]"
_BINDS_OWN = "binds: [{house}]                    # whoever it binds; States that are bound can be named as in breach"
_ANY_TEXT = "Say which law or policy it stands in"

_SCENARIO = """\
rule: {rule}
cites: {cites}                     # every finding of the rule must cite this
for_each: goods                    # and be about one of these
given:
  occurred: {day}
  activities: [sale]
  parties:
    - {{name: a seller, roles: [supplier], jurisdiction: Switzerland}}
    - {{name: a buyer, roles: [recipient], jurisdiction: {state}}}
  goods:
    - {{description: tractors, hs: "8701"}}
  route: {{from: Switzerland, to: {state}}}
cases:
  - case: the case it is written for
    expect: {{rule: violation}}
  - case: the day before
    change: {{occurred: {before}}}
    expect: {{rule: none}}
  - case: neither destination nor buyer's State said
    change: {{route.to: null, "parties[1].jurisdiction": null}}
    expect: {{outcome: incomplete, rule: none}}
"""

_REGIME = """\
regime: {regime}
title: Say whose rules these are
targets:
  states: [{state}]                # what makes a transaction this regime's business
"""


@rules_group.command("new")
@click.argument("rule_id", metavar="ID")
@click.option(
    "--rules", "folder", type=click.Path(path_type=Path), help="Where rules stand; the checkout's by default."
)
@click.option("--scenarios", type=click.Path(path_type=Path), help="Where scenarios stand; tests/scenarios beside it.")
@click.option("--state", default="KP", show_default=True, help="ISO code of the State it is about.")
@click.option("--instrument", help='The text it stands in, if not the Council\'s: "Regulation (EU) 2017/1509".')
@click.option("--paragraph", help='The part of that text: "Article 5(1)".')
def new(
    rule_id: str,
    folder: Path | None,
    scenarios: Path | None,
    state: str,
    instrument: str | None,
    paragraph: str | None,
) -> None:
    """Write the frame of a rule called ID, and of its scenarios.

    The id is the path: un.dprk.2397-8 stands in un/dprk/2397-8.yaml. Nothing is overwritten. A rule under un. is the
    Council's and names its resolution; any other may rest on an instrument of its own, and its findings say that
    it is not UN law.
    """
    if re.fullmatch(r"[a-z0-9-]+(\.[a-z0-9-]+)+", rule_id) is None:
        raise click.UsageError(f"{rule_id!r} is not an id; write regime and paragraph, such as un.dprk.2397-8")
    if re.fullmatch(r"[A-Z]{2}", state) is None:
        raise click.UsageError(f"--state {state!r} is not an ISO code of two capitals")
    if folder is None:
        folder = bundled_rules()
        if folder.name == "_rules":
            raise click.UsageError("these rules are installed, not a checkout; name your folder with --rules")
    *regime, name = rule_id.split(".")
    if instrument is not None and regime[0] == "un":
        raise click.UsageError("a rule under un. names a resolution; give one of another instrument an id of its own")
    room = folder.joinpath(*regime)
    rule_file = room / f"{name}.yaml"
    scenario_file = (scenarios or folder.resolve().parent / "tests" / "scenarios").joinpath(
        *regime[-1:], f"{name}.scenario.yaml"
    )
    for file in (rule_file, scenario_file):
        if file.exists():
            raise InputError([Problem(str(file), "is there already; nothing was written")])
    resolution, day = _authority(rule_id, name)
    if instrument is None and regime[0] != "un" and re.match(r"\d{3,4}-", name) is None:
        instrument = _ANY_TEXT
    part = re.sub(r"^\d{3,4}-(\d+).*$", r"\1", name) if re.match(r"\d{3,4}-\d", name) else "1"
    paragraph = paragraph or part
    number = resolution.removeprefix("S/RES/").split(" ")[0]
    cites = f"{number}/{paragraph}" if instrument is None else f"{instrument}, {paragraph}"
    values = {
        "rule": rule_id,
        "regime": ".".join(regime),
        "state": state,
        "authority": f"resolution: {resolution}" if instrument is None else f"instrument: {_quoted(instrument)}",
        "paragraph": _quoted(paragraph),
        "cites": cites if instrument is None else _quoted(cites),
        "binds": _BINDS if instrument is None else _BINDS_OWN.format(house=regime[0].replace("-", "_")),
        "day": day,
        "before": day[:4] + "-01-01" if day[4:] != "-01-01" else f"{int(day[:4]) - 1}-12-31",
    }
    written = [(rule_file, _RULE), (scenario_file, _SCENARIO)]
    if not (room / "regime.yaml").exists():
        written.insert(0, (room / "regime.yaml", _REGIME))
    for file, text in written:
        write_file(file, text.format(**values))
        click.echo(f"wrote {file}")
    click.echo("next: fill them in, then `sanctions-engine rules lint` and `sanctions-engine test`")


def _quoted(text: str) -> str:
    """Write a text so that YAML reads it as it is."""
    return json.dumps(text, ensure_ascii=False)


def _authority(rule_id: str, name: str) -> tuple[str, str]:
    """Return resolution and first day for a new rule, from the bundled book where it knows the resolution."""
    match = re.match(r"(\d{3,4})-", name)
    if match is not None:
        for regime in Rulebook.load().regimes.values():
            for title, resolution in regime.resolutions.items():
                if title.startswith(f"S/RES/{match[1]} "):
                    return title, resolution.adopted.isoformat()
        if rule_id.startswith("un."):
            return f"S/RES/{match[1]} (2006)", "2006-01-02"
    return "S/RES/1718 (2006)", "2006-10-14"


# ---------------------------------------------------------------------- explain


@click.command(
    "explain",
    epilog="""\b
Examples:
  sanctions-engine explain un.dprk.1874-9
  sanctions-engine explain "1718/8(a)"
  sanctions-engine explain 2397/25 --format markdown""",
)
@click.argument("what", metavar="RULE|PARAGRAPH")
@house_rules
@click.option("--format", "form", type=click.Choice(["text", "markdown", "json"]), default="text", show_default=True)
@click.option("--color/--no-color", default=None)
@click.pass_context
def explain(context: click.Context, what: str, folders: tuple[Path, ...], form: str, color: bool | None) -> None:
    """Show what the rulebook makes of a RULE (its id) or PARAGRAPH (2397/7)."""
    book = Rulebook.load(*folders)
    found = _find(book, what)
    if form == "json":
        click.echo(safe_json([_rule_json(rule) for rule in found]))
        return
    pages = [rule_page(rule, book.goods) for rule in found]
    if form == "markdown":
        click.echo("\n".join(markdown(page) for page in pages), nl=False)
    else:
        console = console_for(color)
        for i, page in enumerate(pages):
            if i:
                console.print()
            print_page(page, console)
    context.exit(Exit.CLEAR)


def _find(book: Rulebook, what: str) -> list[CompiledRule]:
    """Return the rules an id, the end of an id, or a paragraph names: as authority first, else as exemption."""
    asked = what.strip().removeprefix("S/RES/")
    tests: Sequence[object] = (
        [r for r in book.rules if r.id == asked],
        [r for r in book.rules if r.id.endswith(f".{asked}")],
        [r for r in book.rules if asked in r.citations],
        [r for r in book.rules if any(asked == e.paragraph for e in r.exemptions)],
        [r for r in book.rules if any(c.startswith(f"{asked}(") for c in r.citations)],
    )
    for found in tests:
        if isinstance(found, list) and found:
            return found
    known = [r.id for r in book.rules] + [c for r in book.rules for c in r.citations]
    raise InputError([Problem("", f"no rule or paragraph {what[:60]!r}{did_you_mean(asked, known)}")])


def rule_page(rule: CompiledRule, goods: GoodsCategories) -> Page:
    """Lay out a rule as a page."""
    written = rule.rule
    resolution = rule.regime.resolutions.get(written.authority.text)
    law = [
        Entry(
            f"{written.authority.resolution}, paragraph {written.authority.paragraph}"
            if written.authority.resolution
            else written.authority.citation
        ),
        *([] if rule.of_the_council else [Entry(f"not UN law: a rule of {rule.regime.regime}")]),
        *_resolution(resolution),
        Entry(GRADES[written.authority.checked]),
    ]
    if len(rule.citations) > 1:
        law.append(Entry(f"rests on {joined(rule.citations[1:], 'and')} too"))
    if written.authority.source:
        law.append(Entry(written.authority.source))
    applies = [
        Entry(span_in_words(written.in_force)),
        Entry(
            f"binds {joined(map(bound_in_words, written.binds), 'and')}"
            + (f"; reaches their {joined(written.reach, 'and')}" if written.reach else "")
        ),
        Entry(
            f"judges each {written.for_each.value}" if written.for_each.value != "goods" else "judges each goods line"
        ),
        Entry(f"regime {rule.regime.regime}: {rule.regime.title}"),
    ]
    if written.determination:
        applies.append(Entry(f"only where a determination under {written.determination} is made"))
    if written.contested:
        applies.append(Entry(f"contested: {written.contested}"))
    if written.points_to:
        applies.append(Entry(f"a warning sign of {joined(written.points_to, 'and')}"))
    # The span of the law is the first part of every rule's condition and is said under "Applies".
    parts = tuple(_flat(rule.when))[1:] if isinstance(rule.when, All) else (rule.when,)
    when = parts[0] if len(parts) == 1 else All(parts)
    return Page(
        f"{written.authority.citation} · {written.title}",
        f"{rule.id} · {written.effect.value} · {written.severity.value}",
        "",
        "",
        "",
        tuple(
            section
            for section in (
                Section("Law", tuple(law)),
                Section("Applies", tuple(applies)),
                Section("When", (condition_in_words(when, goods),), major=True),
                Section("Unless", tuple(_exemptions(rule, goods)), major=True),
                Section("Because", (Entry(written.because.strip()),)),
                Section("Scenarios", tuple(_scenarios(rule.id))),
                Section("File", (Entry(rule.place),)),
            )
            if section.entries
        ),
    )


def _resolution(resolution: Resolution | None) -> Iterator[Entry]:
    if resolution is None:
        return
    vote = resolution.vote
    words = [f"adopted {resolution.adopted}"]
    if vote == "unanimous":
        words.append("unanimously")
    elif vote is not None:
        parts = [f"{joined(map(country_name, states), 'and')} {how}" for how, states in vote.items()]
        words.append(f"({'; '.join(parts)})")
    words.append("under Chapter VII" if resolution.chapter_vii else "not under Chapter VII")
    if vote is not None and resolution.vote_checked == "memory":
        words.append("(the vote from memory)")
    yield Entry(" ".join(words))
    if resolution.topic:
        yield Entry(resolution.topic)


def condition_in_words(condition: Condition, goods: GoodsCategories) -> Entry:
    """Return a condition as an indented tree of statements."""
    match condition:
        case Test():
            return Entry(say_test(condition, goods, most=_ALL).positive)
        case All():
            return Entry("all of:", below=tuple(condition_in_words(part, goods) for part in _flat(condition)))
        case AnyOf():
            return Entry("any of:", below=tuple(condition_in_words(part, goods) for part in _flat(condition)))
        case Not(Test() as test):
            return Entry(say_test(test, goods, most=_ALL).negative)
        case Not(part):
            return Entry("not:", below=(condition_in_words(part, goods),))
        case Contested(part, why):
            return Entry(f"perhaps (contested: {why}):", below=(condition_in_words(part, goods),))


def _flat(condition: All | AnyOf) -> Iterator[Condition]:
    """Yield the parts, those of a part of the same kind in its place: definitions add levels that say nothing."""
    for part in condition.parts:
        if isinstance(part, All | AnyOf) and type(part) is type(condition):
            yield from _flat(part)
        else:
            yield part


def _exemptions(rule: CompiledRule, goods: GoodsCategories) -> Iterator[Entry]:
    for exemption in rule.exemptions:
        yield Entry(
            exemption.title,
            exemption.paragraph,
            below=(condition_in_words(exemption.condition, goods), Entry(GRADES[exemption.checked], "law", quiet=True)),
        )
    if not rule.exemptions:
        yield Entry("no exemption from this paragraph is known to this rulebook")


def _scenarios(rule_id: str) -> Iterator[Entry]:
    """Name the scenarios of a rule where a checkout has them."""
    folder = bundled_rules().parent / "tests" / "scenarios"
    if bundled_rules().name == "_rules" or not folder.is_dir():
        return
    for file in sorted(folder.rglob("*.scenario.yaml")):
        if rule_id not in file.read_text(encoding="utf-8"):
            continue
        try:
            scenarios = load_scenarios(file)
        except InputError:
            yield Entry(f"{file.name} cannot be read")
            continue
        for scenario in scenarios:
            if scenario.rule == rule_id:
                expected = scenario.expect.rule or scenario.expect.outcome or "see the file"
                yield Entry(f"{scenario.name}: {expected}", aside=file.name)
