"""Spreadsheets that people send us, and those that we hand them: CSV and XLSX, row by row."""
