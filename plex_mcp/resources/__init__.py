"""The resources: one per file, each a view on a tool."""
