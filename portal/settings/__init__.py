"""Settings: ``base`` for all, ``shop`` for Oscar's, then local, test or production differences."""
