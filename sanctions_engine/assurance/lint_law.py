"""Checks of what a rule says of the law: authority, dates, grades, whom it binds, and the texts a reader sees."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import date

from sanctions_engine.assurance.places import Place, PlacedRule, SharedName, place_in
from sanctions_engine.assurance.remarks import Desk, Found, Level, Said, check, check_each_rule, rule_of, values_written
from sanctions_engine.condition import ApprovalSpec, CapSpec, Condition, Contested, Not, Test, tests_of
from sanctions_engine.errors import InputError
from sanctions_engine.facts import ForEach
from sanctions_engine.intake.countries import read_country
from sanctions_engine.rule import CompiledRule, Effect, Exemption, Severity
from sanctions_engine.rulebook import bundled_rules

__all__: list[str] = []

_LONGEST_TITLE = 120
_SHORTEST_REASON = 40
_GRAVE = (Severity.CRITICAL, Severity.HIGH)
_STRICT = (Effect.PROHIBITION, Effect.CAP)
_PLACEHOLDERS = (
    "Say in a line what it forbids",
    "Say why this condition captures",
    "Say whose rules these are",
    "Say which law or policy it stands in",
)


# ---------------------------------------------------------------------- dates


@check_each_rule("phase-outside-force", Level.ERROR)
def _phase(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A wind-down ends before its rule starts, or after it ends."""
    span = placed.rule.rule.in_force
    for i, phase in enumerate(span.phases):
        if phase.until <= span.from_ or (span.until is not None and phase.until > span.until):
            yield (
                placed.at("in_force", "phases", i, "until"),
                f"this wind-down ends on {phase.until}, outside the rule's own span",
            )


@check_each_rule("in-force-before-adoption", Level.ERROR)
def _before_adoption(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule is in force before its resolution was adopted."""
    adopted = _resolution_day(placed.rule)
    if adopted is not None and placed.rule.rule.in_force.from_ < adopted:
        yield (
            placed.at("in_force", "from"),
            f"in force from {placed.rule.rule.in_force.from_}, but the resolution was adopted on {adopted}",
        )


@check_each_rule("exemption-before-its-paragraph", Level.WARNING)
def _exemption_too_early(desk: Desk, placed: PlacedRule) -> Iterator[Said]:
    """An exemption applies before the resolution it stands in was adopted."""
    span = placed.rule.rule.in_force
    for exemption, path in _exemptions(placed, desk):
        adopted = desk.adopted(exemption.authority)
        own = exemption.in_force.from_ if exemption.in_force is not None else span.from_
        if adopted is not None and max(own, span.from_) < adopted:
            yield path, f"{exemption.authority} was adopted on {adopted}, but exempts what came before; add in_force"


@check_each_rule("resolution-year", Level.ERROR)
def _year(desk: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A resolution's year is not that of its adoption."""
    name = placed.rule.rule.authority.text
    adopted = desk.adopted(placed.rule.rule.authority.citation)
    if adopted is not None and f"({adopted.year})" not in name:
        yield placed.at("authority", "resolution"), f"{name} was adopted in {adopted.year}"


@check("renewal-past", Level.WARNING)
def _renewal_past(desk: Desk) -> Iterator[Found]:
    """A regime's last confirmed renewal lies in the past (asked for with a day only)."""
    for regime in desk.book.regimes.values():
        if desk.on is not None and regime.renewal is not None and regime.renewal.confirmed_until < desk.on:
            yield (
                _regime_place(desk, regime.regime, "renewal", "confirmed_until"),
                f"{regime.regime}: confirmed until {regime.renewal.confirmed_until} only; look whether it was renewed",
                "",
            )


@check("renewal-of-nothing", Level.ERROR)
def _renewal_of_nothing(desk: Desk) -> Iterator[Found]:
    """A renewal names a rule that the regime does not have."""
    for regime in desk.book.regimes.values():
        ids = {rule.id for rule in desk.book.of_regime(regime.regime)}
        for i, name in enumerate(regime.renewal.applies_to if regime.renewal is not None else ()):
            if name not in ids:
                yield _regime_place(desk, regime.regime, "renewal", "applies_to", i), f"no rule {name!r} here", ""


# ---------------------------------------------------------------------- authority and grades


@check_each_rule("id-not-paragraph", Level.WARNING)
def _id(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule's id names another resolution or paragraph than its authority."""
    authority = placed.rule.rule.authority
    match = re.match(r"(\d{3,4})-(\d+)?", placed.rule.id.rpartition(".")[2])
    if match is None or authority.resolution is None:
        return
    number = re.match(r"\d+", authority.paragraph)
    paragraph = number[0] if number is not None else None
    if match[1] != authority.number or (match[2] and paragraph and match[2] != paragraph):
        yield placed.at("authority"), f"the file is called {match[0]}, but its authority is {authority.citation}"


@check_each_rule("determination-not-cited", Level.WARNING)
def _determination(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule waits for a determination under a paragraph that it does not cite."""
    wanted = placed.rule.rule.determination
    if wanted is not None and wanted not in placed.rule.citations:
        yield placed.at("determination"), f"{wanted} is neither the authority nor under also"


@check_each_rule("weak-grade", Level.WARNING)
def _weak(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A grave rule rests on memory alone, and does not say what is still to be checked."""
    rule = placed.rule.rule
    if rule.authority.checked == "memory" and rule.severity in _GRAVE and not _says_doubt(rule.because):
        yield (
            placed.at("authority", "checked"),
            f"{rule.severity.value} on memory alone; check the paragraph, or say in because what is not confirmed",
        )


_DOUBT = re.compile(r"memory|confirm|not checked|unchecked|cautious|reference|verif", re.IGNORECASE)


def _says_doubt(because: str) -> bool:
    return _DOUBT.search(because) is not None


@check_each_rule("contested-unexplained", Level.WARNING)
def _contested(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A dispute is marked but not explained."""
    for node in (*placed.when.nodes(), *(n for e in placed.exemptions for n in e.nodes())):
        if isinstance(node.condition, Contested) and not _explains(node.condition.why):
            yield node.place, "say who differs about what; a reader sees only these words"
    if placed.rule.rule.contested is not None and not _explains(placed.rule.rule.contested):
        yield placed.at("contested"), "say who differs about what; a reader sees only these words"


def _explains(why: str) -> bool:
    return len(why.split()) >= 5


@check_each_rule("foreign-committee", Level.WARNING)
def _foreign(desk: Desk, placed: PlacedRule) -> Iterator[Said]:
    """An exemption asks for the approval of a committee that neither the regime nor its resolutions have."""
    regime = placed.rule.regime
    if regime.committee is None:
        return
    numbers = {re.findall(r"\d+", name)[0] for name in regime.resolutions}
    for exemption, at in _exemptions(placed, desk):
        by = exemption.approval.by if exemption.approval is not None else ""
        match = re.fullmatch(r"un\.(\d+)-committee", by)
        if match is not None and by != regime.committee and match[1] not in numbers:
            yield at, f"{by} is not this regime's committee, {regime.committee}"


@check("points-to-nothing", Level.ERROR)
def _points(desk: Desk) -> Iterator[Found]:
    """An indicator warns of a paragraph that no rule encodes."""
    cited = {citation for rule in desk.book.rules for citation in rule.citations}
    cited |= {exemption.paragraph for rule in desk.book.rules for exemption in rule.exemptions}
    ids = {rule.id for rule in desk.book.rules}
    for placed in desk.sources.rules:
        for i, target in enumerate(placed.rule.rule.points_to):
            if target not in cited and target not in ids and target not in placed.rule.rule.because:
                yield placed.at("points_to", i), f"no rule encodes {target}", placed.rule.id


@check_each_rule("grave-advice", Level.WARNING)
def _grave_advice(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """An indicator or a call is marked critical or high, though it can only advise."""
    rule = placed.rule.rule
    if rule.effect in (Effect.INDICATOR, Effect.CALL) and rule.severity is Severity.CRITICAL:
        yield (
            placed.at("severity"),
            f"{rule.severity.value}, but {rule.effect.value} is only ever advice; is it a prohibition or a duty?",
        )


# ---------------------------------------------------------------------- whom it binds, what it reaches


_BOUND = frozenset({"every_member_state", "flag_state", "port_state", "sanctions_committee", "un_secretariat"})
_BODIES = ("_state", "_states", "_committee", "_secretariat", "_panel")


@check_each_rule("binds-unknown", Level.ERROR)
def _binds(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule of the Council's binds somebody whom nobody knows."""
    if not placed.rule.of_the_council:
        return  # a house may bind its own people
    for i, word in enumerate(placed.rule.rule.binds):
        if word not in _BOUND and not word.endswith(_BODIES) and not _state(word):
            yield placed.at("binds", i), f"{word} is neither a State nor one of {', '.join(sorted(_BOUND))}"


@check_each_rule("binds-no-target", Level.WARNING)
def _binds_no_target(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule binds by name a State that its regime does not target and its condition does not name."""
    known = set(placed.rule.regime.targets.states) | _states_named(placed)
    for i, word in enumerate(placed.rule.rule.binds):
        if not word.endswith(_BODIES) and (codes := _state(word)) and not codes & known:
            yield placed.at("binds", i), f"{word} is no target of {placed.rule.regime.regime}"


@check_each_rule("no-reach", Level.WARNING)
def _no_reach(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A prohibition binds every State but says not by what: territory, nationals, flag."""
    rule = placed.rule.rule
    if rule.effect in _STRICT and "every_member_state" in rule.binds and not rule.reach:
        yield placed.at("binds"), "add reach: who is in breach cannot be said without it"


@check_each_rule("idle-reach", Level.WARNING)
def _idle_reach(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule has a reach but binds no State that could use it."""
    rule = placed.rule.rule
    if rule.reach and not any(word.endswith(("state", "states")) for word in rule.binds):
        yield placed.at("reach"), "reach is only read where every_member_state or another State is bound"


@check_each_rule("state-not-target", Level.WARNING)
def _state_not_target(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A direction names only States that are no targets, so that nothing opens the regime."""
    targets = set(placed.rule.regime.targets.states)
    named = _states_named(placed)
    if targets and named and not named & targets:
        yield (
            placed.at("when"),
            f"names {', '.join(sorted(named))}, but the regime's targets are {', '.join(sorted(targets))}",
        )


@check("regime-without-targets", Level.WARNING)
def _no_targets(desk: Desk) -> Iterator[Found]:
    """A regime has rules but no target, and none of its rules asks for a listing: it is never judged."""
    for name, regime in desk.book.regimes.items():
        targets = regime.targets
        rules = desk.book.of_regime(regime.regime)
        if targets.states or targets.areas or targets.groups or targets.grounds or targets.mentions or not rules:
            continue
        if not any(test.fact.endswith(".listed") for rule in rules for test in tests_of(rule.when)):
            yield _regime_place(desk, name, "targets"), f"nothing makes a transaction the business of {name}", ""


@check("idle-subject", Level.WARNING)
def _idle_subject(desk: Desk) -> Iterator[Found]:
    """A rule judges each goods line, party or vessel but asks nothing of it."""
    prefixes = {ForEach.GOODS: "goods.", ForEach.PARTY: "party.", ForEach.VESSEL: "vessel."}
    for placed in desk.sources.rules:
        prefix = prefixes.get(placed.rule.rule.for_each)
        conditions = [placed.rule.when, *(e.condition for e in placed.rule.exemptions)]
        facts = {test.fact for condition in conditions for test in tests_of(condition)}
        subject_of = _OF_GOODS if prefix == "goods." else frozenset()
        if prefix is not None and not any(fact.startswith(prefix) or fact in subject_of for fact in facts):
            yield (
                placed.at("for_each"),
                f"asks for no {prefix}* fact; judge each activity or the transaction",
                placed.rule.id,
            )


_OF_GOODS = frozenset(
    {"origin.states", "from.states", "to.states", "cumulative", "could_contribute", "prohibited_cargo"}
)
"""Facts that may differ from line to line without being called so."""


# ---------------------------------------------------------------------- goods and caps


@check_each_rule("no-hs-basis", Level.WARNING)
def _no_hs_basis(desk: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A prohibition tests goods that have HS codes but does not say where the codes come from."""
    rule = placed.rule.rule
    if rule.effect in _STRICT and rule.for_each is ForEach.GOODS and rule.hs_basis is None and _codes(placed, desk):
        yield placed.at("when"), "add hs_basis: paragraph_text, monitoring_practice or illustrative"


@check_each_rule("idle-hs-basis", Level.WARNING)
def _idle_hs_basis(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule says where its HS codes come from but tests no goods."""
    facts = {test.fact for test in tests_of(placed.rule.when)}
    if placed.rule.rule.hs_basis is not None and not facts & {"goods.categories", "goods.hs", "subject"}:
        yield placed.at("hs_basis"), "no test asks for goods; drop it"


def _codes(placed: PlacedRule, desk: Desk) -> bool:
    goods = desk.book.goods
    for test in _positive(placed.when.condition):
        if test.fact == "goods.hs":
            return True
        if test.fact == "goods.categories" and isinstance(test.operand, frozenset):
            names = {name for word in test.operand if word in goods for name in (word, *goods.descendants(word))}
            if any(goods[name].codes for name in names):
                return True
    return False


@check_each_rule("cap-without-total", Level.ERROR)
def _cap_without_total(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A cap tests no total, so that it forbids everything or nothing."""
    if placed.rule.rule.effect is Effect.CAP and not list(_totals(placed.rule)):
        yield placed.at("effect"), "no test asks for cumulative: {exceeds: …}; a cap needs its total"


@check_each_rule("cap-measure-not-cited", Level.WARNING)
def _cap_measure(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A total is measured under a paragraph that the rule does not cite."""
    for measure in dict.fromkeys(spec.measure for spec in _totals(placed.rule)):
        if re.fullmatch(r"\d{3,4}/.+", measure) and measure not in placed.rule.citations:
            yield placed.at("authority"), f"the total is that of {measure}; cite it under also"


@check_each_rule("cap-notice-assumed", Level.ERROR)
def _cap_notice(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """The way through a cap needs a notice, and silence about it counts as none given."""
    if placed.rule.rule.effect is not Effect.CAP:
        return
    for compiled, exemption in zip(placed.rule.exemptions, placed.exemptions, strict=True):
        tests = list(tests_of(compiled.condition))
        notices = [t.operand for t in tests if isinstance(t.operand, ApprovalSpec)]
        capped = any(isinstance(t.operand, CapSpec) for t in tests)
        if capped and any(n.kind == "notification" and not n.never_assumed for n in notices):
            yield exemption.place, "write never_assumed: yes; the conditions of a cap are never assumed"


@check("limits-unsaid", Level.WARNING)
def _limits_unsaid(desk: Desk) -> Iterator[Found]:
    """A total is held against several limits, and the rule does not say how they stand to each other."""
    for document, path, value in values_written(desk):
        if path[-1:] != ("exceeds",) or not isinstance(value, Mapping) or "whichever" in value:
            continue
        limits = value.get("limits")
        if isinstance(limits, list) and len(limits) > 1:
            yield (
                place_in(document, path),
                "write whichever: lower (each of the limits binds) or stated (they are one limit in several units)",
                rule_of(document),
            )


def _totals(rule: CompiledRule) -> Iterator[CapSpec]:
    for condition in (rule.when, *(e.condition for e in rule.exemptions)):
        for test in tests_of(condition):
            if isinstance(test.operand, CapSpec):
                yield test.operand


# ---------------------------------------------------------------------- what a reader sees


@check_each_rule("long-title", Level.WARNING)
def _long_title(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A title is longer than a line."""
    if len(placed.rule.rule.title) > _LONGEST_TITLE:
        yield placed.at("title"), f"{len(placed.rule.rule.title)} characters; {_LONGEST_TITLE} fit a line"


@check_each_rule("thin-because", Level.WARNING)
def _thin(_: Desk, placed: PlacedRule) -> Iterator[Said]:
    """A rule does not say why its condition captures the paragraph."""
    if len(placed.rule.rule.because.strip()) < _SHORTEST_REASON:
        yield placed.at("because"), "say what the condition captures and what it does not"


@check("placeholder", Level.WARNING)
def _placeholder(desk: Desk) -> Iterator[Found]:
    """A text that `rules new` wrote is still there."""
    for document in desk.sources.documents.values():
        if isinstance(document.data, Mapping):
            for path in (("title",), ("because",), ("authority", "instrument")):
                inner = document.data if len(path) == 1 else document.data.get(path[0])
                text = str(inner.get(path[-1], "")) if isinstance(inner, Mapping) else ""
                if text.startswith(_PLACEHOLDERS):
                    yield place_in(document, path), f"{path[-1]} still says what to write", rule_of(document)


# ---------------------------------------------------------------------- what nobody uses


@check("unused-definition", Level.WARNING)
def _unused_definition(desk: Desk) -> Iterator[Found]:
    """No rule uses a shared definition."""
    yield from _unused(desk, "definitions", "no rule uses this definition; drop it")


@check("unused-parameter", Level.WARNING)
def _unused_parameter(desk: Desk) -> Iterator[Found]:
    """No rule uses a parameter."""
    yield from _unused(desk, "parameters", "no rule uses this parameter; drop it")


@check("unused-exemption", Level.WARNING)
def _unused_exemption(desk: Desk) -> Iterator[Found]:
    """No rule uses a shared exemption."""
    yield from _unused(desk, "exemptions", "no rule uses this exemption; drop it")


def _unused(desk: Desk, kind: str, message: str) -> Iterator[Found]:
    for shared in desk.sources.shared:
        if shared.kind == kind and shared not in desk.sources.used:
            yield desk.sources.place_of(shared), f"{shared.name}: {message}", ""


@check("no-scenarios", Level.ERROR)
def _no_scenarios(desk: Desk) -> Iterator[Found]:
    """A rule has no scenario (where a folder of scenarios is known)."""
    shipped = str(bundled_rules()) if bundled_rules().name == "_rules" else None  # an installed book, without its tests
    for placed in desk.sources.rules:
        if shipped is not None and placed.document.name.startswith(shipped):
            continue
        if desk.scenarios is not None and placed.rule.id not in desk.scenarios:
            yield placed.at("rule"), "no scenario file names this rule; `rules new` writes a frame", placed.rule.id


@check("scenarios-of-nothing", Level.ERROR)
def _scenarios_of_nothing(desk: Desk) -> Iterator[Found]:
    """A scenario file names a rule that is not there."""
    ids = {rule.id for rule in desk.book.rules}
    for rule, place in (desk.scenarios or {}).items():
        if rule not in ids:
            yield place, f"no rule {rule!r}", rule


# ---------------------------------------------------------------------- shared by the checks


def _regime_place(desk: Desk, regime: str, *path: str | int) -> Place:
    document = desk.sources.regime_document(regime)
    return place_in(document, path) if document is not None else Place(regime, 1, 1)


def _resolution_day(rule: CompiledRule) -> date | None:
    found = rule.regime.resolutions.get(rule.rule.authority.text)
    return found.adopted if found is not None else None


def _exemptions(placed: PlacedRule, desk: Desk) -> Iterator[tuple[Exemption, Place]]:
    """Yield exemptions as written, shared ones where they are named, each with its place in the rule."""
    parts = placed.rule.regime.regime.split(".")
    for i, raw in enumerate(placed.rule.rule.unless):
        if isinstance(raw, Exemption):
            yield raw, placed.at("unless", i)
            continue
        for length in range(len(parts), -1, -1):
            shared = desk.sources.shared.get(SharedName("exemptions", ".".join(parts[:length]), raw.use))
            if shared is not None:
                yield Exemption.model_validate(shared[0]), placed.at("unless", i)
                break


def _state(word: str) -> frozenset[str]:
    try:
        return read_country(word.replace("_", " ")).codes
    except InputError:
        return frozenset()


def _states_named(placed: PlacedRule) -> set[str]:
    """Return the States that directions ask for."""
    return {
        state
        for test in _positive(placed.when.condition)
        if test.fact in ("to.states", "from.states") and isinstance(test.operand, frozenset)
        for state in test.operand
    }


def _positive(condition: Condition) -> Iterator[Test]:
    """Yield the tests that are not negated."""
    match condition:
        case Test():
            yield condition
        case Not():
            return
        case Contested(part):
            yield from _positive(part)
        case _:
            for part in condition.parts:
                yield from _positive(part)
