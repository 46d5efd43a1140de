"""Addresses of the assistance requests, for structures."""

from django.urls import URLPattern, path

from knowledge.support import views

app_name = "support"
urlpatterns: list[URLPattern] = [
    path("aide/demande/", views.new, name="new"),
    path("aide/demande/reponses/", views.answers, name="answers"),
    path("aide/demande/trouvee/<int:pk>/", views.found, name="found"),
    path("mon-compte/assistance/", views.index, name="list"),
    path("mon-compte/assistance/<uuid:uuid>/", views.thread, name="thread"),
    path("mon-compte/assistance/<uuid:uuid>/resolue/", views.close, name="close"),
    path("mon-compte/assistance/<uuid:uuid>/rouvrir/", views.reopen, name="reopen"),
    path("mon-compte/assistance/fichiers/<uuid:uuid>/", views.file, name="file"),
]
