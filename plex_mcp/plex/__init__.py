"""The only package that imports plexapi and requests. Their exceptions become ours here."""
