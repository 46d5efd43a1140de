"""Back office of SIM cards: what is to be prepared, and the page of one delivery."""
