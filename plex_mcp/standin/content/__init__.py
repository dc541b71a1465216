"""What the small sample library holds: open and public-domain films, invented shows, artists and photographs."""
