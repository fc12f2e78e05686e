"""A million transactions: the verdicts of single checks over frames and files, worked out once per combination.

Nothing here knows what a rule means. Each distinct value of a column is read once, by the same functions as in a
single check, and put into a class: two values of one class are told apart by no rule. Rows then collapse into few
combinations of classes, and one row of each combination is judged by ``Engine.check``. There are three levels:

- *plain*: no value of the transaction can be a regime's business. Then nothing but the gaps counts.
- *hot*: some value may be. Then a class holds what every test of the rulebook could tell apart.
- *precise*: some name or number is like one of the list. Then names, numbers and States stand as they are, since
  screening compares them with each other.

What fits no class (rows of one transaction that name several parties, say) is judged by itself.
"""

from sanctions_engine.batch.columns import COLUMNS, Column, nest
from sanctions_engine.batch.judging import Batch, Part
from sanctions_engine.batch.run import ROWS_AT_ONCE, BatchResult, check_frame, last_start

__all__ = ["COLUMNS", "ROWS_AT_ONCE", "Batch", "BatchResult", "Column", "Part", "check_frame", "last_start", "nest"]
