"""What GLEIF publishes, read by its API or by its golden copy."""
