"""Recording and replaying what Plex answers: vcrpy as store, matcher and filter, never as a patcher.

`adapter` puts a cassette on a requests.Session, `tape` opens and saves one, `scrub` takes out what is private, `leaks`
proves it, `behaviour` says what is recorded, `record` is `make record`. Nothing in plex_mcp imports this.
"""
