"""What the server answers, a module per family of paths; ``ROUTES`` joins them."""
