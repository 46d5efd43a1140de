from shop.config import ModelsOnly


class PartnerConfig(ModelsOnly):
    name = "shop.partner"
    label = "partner"
