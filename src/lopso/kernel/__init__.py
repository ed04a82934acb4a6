"""Ground floor: knows Python and SQLAlchemy; neither Litestar nor the domain."""
