"""Documents on paper: PDFs drawn from templates, and the files that people send back."""
