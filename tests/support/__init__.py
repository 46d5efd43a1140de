"""What the tests stand on: database, cache, browser, server processes."""
