"""What is in the household: open and public-domain films, invented shows, artists and photographs; its players."""
