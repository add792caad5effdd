"""The connectors: one file per source, from a vendor's format to canonical columns."""
