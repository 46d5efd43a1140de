"""The address that the SMS provider reports to."""

from django.urls import path

from portal.outbox import reports

app_name = "outbox"
urlpatterns = [path("sms/", reports.sms_report, name="sms_report")]
