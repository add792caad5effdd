"""The assets, one module per stretch of the way of the data."""
