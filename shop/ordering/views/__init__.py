"""Pages of the shop: four requests from the product to the number."""
