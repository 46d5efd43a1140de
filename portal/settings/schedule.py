"""What runs by itself, and when (Europe/Paris). Each task is harmless to run again."""

from celery.schedules import crontab

CELERY_BEAT_SCHEDULE = {
    "outbox-sweep": {"task": "portal.outbox.tasks.sweep", "schedule": 10.0},
    "sessions-clear": {"task": "portal.accounts.tasks.clear_sessions", "schedule": 86400.0},
    "shop-reconcile": {
        "task": "shop.ordering.tasks.reconcile",
        "schedule": crontab(hour=3, minute=0),
    },
    "activation-anonymise": {
        "task": "activation.tasks.anonymise",
        "schedule": crontab(hour=3, minute=20),
    },
    "journal-purge": {
        "task": "portal.outbox.tasks.purge_journal",
        "schedule": crontab(hour=3, minute=25),
    },
    "training-remind": {"task": "portal.training.tasks.remind", "schedule": 300.0},
    "training-purge": {
        "task": "portal.training.tasks.purge_visitors",
        "schedule": crontab(hour=3, minute=45),
    },
    "lots-resume": {"task": "shop.recharges.tasks.resume", "schedule": 60.0},
    "lots-purge": {"task": "shop.recharges.tasks.purge_drafts", "schedule": 3600.0},
    "stock-watch": {"task": "shop.recharges.tasks.watch_stock", "schedule": 3600.0},
    "candidatures-purge": {
        "task": "portal.candidatures.tasks.purge_drafts",
        "schedule": crontab(hour=3, minute=15),
    },
    "candidatures-anonymise": {
        "task": "portal.candidatures.tasks.anonymise",
        "schedule": crontab(hour=3, minute=35),
    },
    "agreements-watch": {
        "task": "portal.structures.tasks.watch_agreements",
        "schedule": crontab(hour=4, minute=0),
    },
    "handovers-purge": {
        "task": "shop.handovers.tasks.purge_references",
        "schedule": crontab(hour=3, minute=30),
    },
    "activation-answers-resume": {
        "task": "activation.tasks.resume_answers",
        "schedule": 60.0,
    },
    "support-tidy": {
        "task": "knowledge.support.tasks.tidy",
        "schedule": crontab(hour=3, minute=55),
    },
    "activation-purge": {"task": "activation.tasks.purge_drafts", "schedule": 3600.0},
    "faq-purge": {
        "task": "knowledge.tasks.purge_faq",
        "schedule": crontab(hour=3, minute=50),
    },
    "reading-purge": {
        "task": "knowledge.reading.tasks.purge",
        "schedule": crontab(hour=4, minute=5),
    },
    "site-search-catch-up": {
        "task": "knowledge.tasks.catch_up",
        "schedule": crontab(hour="*/6", minute=10),
    },
    # After the month's last transactions; a second run finds nothing to do.
    "billing-open": {
        "task": "shop.billing.tasks.open_last_month",
        "schedule": crontab(day_of_month=1, hour=2, minute=30),
    },
    "billing-reconcile": {
        "task": "shop.billing.tasks.reconcile",
        "schedule": crontab(hour=3, minute=5),
    },
    # In the morning of each day: people answer.
    "billing-remind": {
        "task": "shop.billing.tasks.remind",
        "schedule": crontab(hour=9, minute=0),
    },
    "pages-publish": {"task": "portal.pages.tasks.publish_scheduled", "schedule": 300.0},
    "pages-reviews": {
        "task": "portal.pages.tasks.remind_reviews",
        "schedule": crontab(hour=5, minute=0),
    },
    "pages-links": {
        "task": "portal.pages.tasks.check_links",
        "schedule": crontab(hour=2, minute=0),
    },
}
