"""Addresses: what the service is, the form, the follow-up. None of them needs an account."""

from django.urls import URLPattern, path

from portal.candidatures.views import entrance, follow_up, form

app_name = "candidatures"

urlpatterns: list[URLPattern] = [
    path("devenir-relais/", entrance.presentation, name="presentation"),
    path("devenir-relais/commencer/", entrance.start, name="start"),
    path("devenir-relais/lien/", entrance.link, name="link"),
    path("devenir-relais/reprendre/<str:token>/", entrance.resume, name="resume"),
    path("devenir-relais/candidature/", form.candidature, name="candidature"),
    path("devenir-relais/candidature/verifier/", form.check, name="check"),
    path("devenir-relais/candidature/<slug:name>/", form.step, name="step"),
    path("devenir-relais/suivi/", follow_up.follow_up, name="follow_up"),
    path("devenir-relais/suivi/retirer/", follow_up.withdraw, name="withdraw"),
]
