"""Design system: template tags, form rendering, error sentences and the style guide."""
