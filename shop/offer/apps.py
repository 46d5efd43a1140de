from shop.config import ModelsOnly


class OfferConfig(ModelsOnly):
    name = "shop.offer"
    label = "offer"
