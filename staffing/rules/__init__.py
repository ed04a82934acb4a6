"""What is decided on facts handed in, one file a noun."""
