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

# Privacy
#: How long the journal of messages says what was written to whom (domain rules: logs 12 months).
JOURNAL_KEPT = timedelta(days=env.integer("JOURNAL_KEPT_DAYS", 365))
#: A form of activation that was begun and not sent; a file of requests or of answers.
ACTIVATION_DRAFTS_KEPT = timedelta(days=7)
ACTIVATION_SHEETS_KEPT = timedelta(days=1)
