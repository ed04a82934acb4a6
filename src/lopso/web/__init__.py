"""What every page needs of Litestar; knows no domain."""
