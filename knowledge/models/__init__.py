"""What editors write: pages of the resources, the FAQ's questions and the useful numbers."""

from knowledge.models.entries import SearchEntry
from knowledge.models.faq import FaqQuestion, FaqTheme
from knowledge.models.faq_page import FaqPage
from knowledge.models.faq_use import FaqFile, FaqOpening, FaqVote, MissedSearch
from knowledge.models.guides import GuidePage, HelpPage, ResourceIndexPage
from knowledge.models.numbers import UsefulNumber

__all__ = [
    "FaqFile",
    "FaqOpening",
    "FaqPage",
    "FaqQuestion",
    "FaqTheme",
    "FaqVote",
    "GuidePage",
    "HelpPage",
    "MissedSearch",
    "ResourceIndexPage",
    "SearchEntry",
    "UsefulNumber",
]
