"""The tools: one per file, the file named like the tool. `_catalogue.load_tools()` finds them."""
