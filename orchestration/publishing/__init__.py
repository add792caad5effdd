"""Turns a finished, checked warehouse into an immutable version that readers can trust."""
