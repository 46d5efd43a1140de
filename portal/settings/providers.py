"""Those whom the service speaks to over HTTP: the sender of SMS, and SFR's activations."""

from portal.settings import env

# SMS: the journal sends nothing and shows what would have left.
SMS_BACKEND = env.text("SMS_BACKEND", "portal.outbox.sms.JournalSmsBackend")
if SMS_BACKEND == "portal.outbox.sms.HttpSmsBackend":
    env.require("SMS_HTTP_URL", "SMS_HTTP_TOKEN", "SMS_HTTP_SENDER", "SMS_REPORT_SECRET")
SMS_HTTP_URL = env.text("SMS_HTTP_URL")
SMS_HTTP_TOKEN = env.text("SMS_HTTP_TOKEN")
SMS_HTTP_SENDER = env.text("SMS_HTTP_SENDER")
SMS_HTTP_TIMEOUT = env.integer("SMS_HTTP_TIMEOUT", 10)  # seconds
# Two secrets, separated by a comma, are both good: one replaces the other without a loss.
SMS_REPORT_SECRET = env.words("SMS_REPORT_SECRET")

# Activations: by file, or by SFR's service.
OPERATOR_GATEWAY = env.text("OPERATOR_GATEWAY", "activation.exchange.files.FileGateway")
if OPERATOR_GATEWAY == "activation.exchange.http.HttpGateway":
    env.require("OPERATOR_HTTP_URL", "OPERATOR_HTTP_TOKEN", "OPERATOR_CALLBACK_SECRET")
OPERATOR_HTTP_URL = env.text("OPERATOR_HTTP_URL")
OPERATOR_HTTP_TOKEN = env.text("OPERATOR_HTTP_TOKEN")
OPERATOR_HTTP_TIMEOUT = env.integer("OPERATOR_HTTP_TIMEOUT", 10)  # seconds
OPERATOR_CALLBACK_SECRET = env.words("OPERATOR_CALLBACK_SECRET")
