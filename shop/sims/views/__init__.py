"""Pages of MON COMPTE: SIM cards and addresses."""
