"""``python -m lopso`` is the command line."""

from lopso.application.cli import main

raise SystemExit(main())
