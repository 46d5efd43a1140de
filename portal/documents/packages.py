"""What a Debian machine needs besides Python's packages, to draw PDFs."""

#: Pango draws text; WeasyPrint loads HarfBuzz's subsetter too. The font has the letters of every
#: language of a ticket: Latin, Cyrillic, Arabic and its Persian ones.
PACKAGES = ("libpango-1.0-0", "libpangoft2-1.0-0", "libharfbuzz-subset0", "fonts-dejavu-core")
