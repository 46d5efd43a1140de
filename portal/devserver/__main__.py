"""Run the supervisor: ``python -m portal.devserver``."""

import sys

from portal.devserver.supervisor import main

if __name__ == "__main__":
    sys.exit(main())
