"""Lowest layer: knows Python and SQLAlchemy; neither Litestar nor the domain."""
