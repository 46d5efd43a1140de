"""The home page, the pages of text, the settings of the site and the library."""

from portal.pages.models.home import HomePage
from portal.pages.models.library import Licence, Paper, Picture, PictureRendition
from portal.pages.models.site import MenuSettings, PublisherSettings
from portal.pages.models.texts import PublisherBlock, StandardPage
from portal.pages.models.watch import BrokenLink, Review

__all__ = [
    "BrokenLink",
    "HomePage",
    "Licence",
    "MenuSettings",
    "Paper",
    "Picture",
    "PictureRendition",
    "PublisherBlock",
    "PublisherSettings",
    "Review",
    "StandardPage",
]
