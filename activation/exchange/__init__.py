"""What goes to SFR and what comes back: batches, gateways, answers."""
