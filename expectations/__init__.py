"""The gate: what must hold of the batches that arrive and of the list that departs."""
