"""Fork of Oscar's offer app, to reach the applicator: the free quotas of the buyer's structure."""
