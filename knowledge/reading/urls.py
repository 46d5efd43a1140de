"""Addresses of favourites, of what was read, and of what machines read."""

from django.urls import URLPattern, path

from knowledge.reading import feeds, views

app_name = "reading"
urlpatterns: list[URLPattern] = [
    path("ressources/mes-fiches/", views.shelf, name="shelf"),
    path("ressources/mes-fiches/apercu/", views.glance, name="glance"),
    path("ressources/mes-fiches/etoiles/", views.stars, name="stars"),
    path("ressources/mes-fiches/<int:pk>/", views.FavouriteView.as_view(), name="favourite"),
    path("ressources/mes-fiches/<int:pk>/lue/", views.read, name="read"),
    path("ressources/nouveautes.xml", feeds.news, name="news"),
    path("sitemap.xml", feeds.sitemap, name="sitemap"),
    path("robots.txt", feeds.robots, name="robots"),
]
