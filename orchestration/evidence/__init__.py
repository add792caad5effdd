"""What won and lost deals say of the document: its criteria, its families, its ranking."""
