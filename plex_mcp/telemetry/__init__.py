"""Logs and metrics. A leaf: of ours it imports other leaves only, and but for `reference` only `secret`'s mask."""
