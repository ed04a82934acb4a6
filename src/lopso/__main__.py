"""``python -m lopso`` is the command line."""

from lopso.cli import main

raise SystemExit(main())
