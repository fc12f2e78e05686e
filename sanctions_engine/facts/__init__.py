"""The facts that a rule may ask of a transaction: what they mean, what silence gives, and how each is read.

``glossary`` declares them; ``base`` is the door. Behind it, ``description`` brings what was described into one form
and settles absence, and one module a topic reads from it. Every evaluator sees the same facts.
"""

from sanctions_engine.facts.base import FactBase
from sanctions_engine.facts.evidence import fold_words
from sanctions_engine.facts.glossary import FACTS, OPERATORS, FactSpec, FactType, fact_spec
from sanctions_engine.facts.nexus import Nexus, Targets
from sanctions_engine.facts.subject import WHOLE, ForEach, Subject

__all__ = [
    "FACTS",
    "OPERATORS",
    "WHOLE",
    "FactBase",
    "FactSpec",
    "FactType",
    "ForEach",
    "Nexus",
    "Subject",
    "Targets",
    "fact_spec",
    "fold_words",
]
