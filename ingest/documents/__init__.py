"""The two documents that people write: where data comes from, and who the perfect customer is."""
