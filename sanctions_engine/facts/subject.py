"""What a rule judges one of at a time: the whole, an act, a line of goods, a party or a vessel."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

__all__ = ["WHOLE", "ForEach", "Subject"]


class ForEach(Enum):
    """What a rule judges one of at a time."""

    TRANSACTION = "transaction"
    ACTIVITY = "activity"
    GOODS = "goods"
    PARTY = "party"
    VESSEL = "vessel"

    __hash__ = object.__hash__  # as for ``Truth``


@dataclass(frozen=True, slots=True)
class Subject:
    """What a rule judges: one of the transaction's things, or a slot that must be filled and is not.

    Args:
        kind: What it is.
        index: Its index in its list; -1 for the transaction and for an unfilled slot.
        path: Where it is (``goods[0]``).
    """

    kind: ForEach
    index: int
    path: str

    def __hash__(self) -> int:
        return hash(self.path)  # a path names one thing, and its hash is kept


WHOLE = Subject(ForEach.TRANSACTION, -1, "transaction")
