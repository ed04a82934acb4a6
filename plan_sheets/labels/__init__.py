"""Labels of plan sheets."""
