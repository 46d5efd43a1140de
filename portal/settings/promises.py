"""What the service promises and limits: delays, quantities, how long things are kept."""

from datetime import timedelta

from portal.settings import env

# Structures: delays in working days, first and last (the deck, annexe 1). The deck says nothing of
# the answer to a candidature: a week.
CANDIDATURE_ANSWER_DAYS = env.integer("CANDIDATURE_ANSWER_DAYS", 5)
ACCOUNT_DAYS = (1, 3)
TRAINING_DAYS = (5, 10)
#: How long a candidature that was never sent is kept, and how long its link lives.
CANDIDATURE_DRAFTS_KEPT = timedelta(days=30)
#: How long one that was refused or withdrawn says who asked, counted from that day.
CANDIDATURES_KEPT = timedelta(days=env.integer("CANDIDATURES_KEPT_DAYS", 365))

# Shop
#: Numbers that a structure may have replaced in a day before a référent looks.
RECHARGES_DAILY_REPLACEMENTS = env.integer("RECHARGES_DAILY_REPLACEMENTS", 3)
#: How long the carnet de remise says to whom a number went (domain rules: two years at most).
HANDOVER_REFERENCES_KEPT = timedelta(days=env.integer("HANDOVER_REFERENCES_KEPT_DAYS", 365))

# Assistance requests
#: Working days within which a request has its answer.
SUPPORT_ANSWER_DAYS = env.integer("SUPPORT_ANSWER_DAYS", 2)
#: An answered request that nobody writes to any more is solved after that.
SUPPORT_SILENT = timedelta(days=env.integer("SUPPORT_SILENT_DAYS", 30))
#: How long a solved request says what was asked and by whom, counted from that day.
SUPPORT_KEPT = timedelta(days=env.integer("SUPPORT_KEPT_DAYS", 365))

# What editors write
#: A page that nobody published or read again for that long is said to éditeurs (six months).
EDITORIAL_REVIEW_AFTER = timedelta(days=183)
#: Seconds between two links of other sites that the night follows.
LINKS_PAUSE = 0.5
#: ``host:port`` of private addresses that it may ask all the same: a stand-in, in tests.
LINKS_ALLOWED_PRIVATE: frozenset[str] = frozenset()

# Privacy
#: How long the journal of messages says what was written to whom (domain rules: logs 12 months).
JOURNAL_KEPT = timedelta(days=env.integer("JOURNAL_KEPT_DAYS", 365))
#: A form of activation that was begun and not sent; a file of requests or of answers.
ACTIVATION_DRAFTS_KEPT = timedelta(days=7)
ACTIVATION_SHEETS_KEPT = timedelta(days=1)
