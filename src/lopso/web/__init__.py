"""Ground floor, upper half: what every page needs of Litestar. No domain words."""
