"""Many activations at once: a spreadsheet that is shown first, then sent whole or not at all."""
