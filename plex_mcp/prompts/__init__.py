"""The prompts: one per file, each with data from the tools. `_catalogue.load_prompts()` finds them."""
