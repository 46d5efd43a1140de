"""Addresses of the SIM activation: the form and its follow-up."""

from django.urls import URLPattern, URLResolver, path

from activation import views
from activation.notice import views as notice
from activation.sheets import views as sheets

app_name = "activation"
urlpatterns: list[URLPattern | URLResolver] = [
    path("", views.new, name="new"),
    path("verifier/<slug:field>/", views.check_field, name="check"),
    path("brouillon/", views.save_draft, name="save_draft"),
    path("brouillon/effacer/", views.discard_draft, name="discard_draft"),
    path("fichier/", sheets.upload, name="sheets"),
    path("fichier/modele.<slug:form>", sheets.download, name="sheet_model"),
    path("fichier/<uuid:identifier>/", sheets.preview, name="sheet"),
    path("fichier/<uuid:identifier>/envoyer/", sheets.send, name="sheet_send"),
    path("fichier/<uuid:identifier>/abandonner/", sheets.abandon, name="sheet_abandon"),
    path("notice/", notice.page, name="notice"),
    path("notice/pdf/", notice.pdf, name="notice_pdf"),
    path("suivi/", views.follow_up, name="list"),
    path("suivi/<uuid:identifier>/", views.detail, name="detail"),
    path("suivi/<uuid:identifier>/corriger/", views.correct, name="correct"),
    path("suivi/<uuid:identifier>/annuler/", views.cancel, name="cancel"),
]
