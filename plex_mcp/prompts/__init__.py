"""The prompts: one per file."""
