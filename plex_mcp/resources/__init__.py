"""The resources: one per file, each a view on tools. `_catalogue.load_resources()` finds them."""
