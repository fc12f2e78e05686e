"""``python -m sanctions_engine`` is the command ``sanctions-engine``."""

import sys

from sanctions_engine.cli import main

sys.exit(main())
