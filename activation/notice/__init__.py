"""What a beneficiary is told of the use of their data (RGPD, article 13), on one A4 page."""
