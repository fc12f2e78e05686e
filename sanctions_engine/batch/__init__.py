"""A million transactions: the verdicts of single checks over frames and files, worked out once per combination.

Nothing here knows what a rule means. Each distinct value of a column is read once, by the same functions as in a
single check, and put into a class: two values of one class are told apart by no rule. Rows then collapse into
combinations of classes. There are three levels:

- *plain*: no value of the transaction can be a regime's business. Then nothing but the gaps counts, and one row of
  each combination is judged by ``Engine.check``.
- *hot*: some value may be. Then a class holds what every test of the rulebook could tell apart. Where only States make
  it so, all new combinations are judged in one sweep: each test once for every distinct value of what it reads.
- *precise*: some name or number is like one of the list. Then names, numbers and States stand as they are, since
  screening compares them with each other.

What fits no class (rows of one transaction that name several parties, say) is judged by itself.

Where things are: ``columns`` (the flat shape), ``classes`` (values and their classes), ``judging`` (frames:
``Batch.check`` takes one frame, or one record batch as a frame, and gives its tables), ``sweep`` (many combinations at
once), ``sources`` (files in pieces), ``run`` (parts, manifest, going on after a kill).

On many machines: a ``Rulebook`` and the list's entries are pickled, not a ``Batch``; each process makes its own and
gives it every record batch in turn (``Batch.check(pl.from_arrow(batch))``), as ``sanctions_engine.spark`` does.
"""

from sanctions_engine.batch.columns import COLUMNS, Column, nest
from sanctions_engine.batch.judging import Batch, Part
from sanctions_engine.batch.run import ROWS_AT_ONCE, BatchResult, check_frame, last_start

__all__ = ["COLUMNS", "ROWS_AT_ONCE", "Batch", "BatchResult", "Column", "Part", "check_frame", "last_start", "nest"]
