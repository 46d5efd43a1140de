"""The référent's screens of stock: importing lots, counting codes, looking one up."""
