"""What ``make run`` does: databases, migrations, demo, web server, worker and beat, in one go.

One supervisor starts everything and stops everything. Its children ask the kernel to die with it
and are recorded besides, so that whatever is killed, the next start finds a clean place.
"""
