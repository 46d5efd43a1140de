from shop.config import ModelsOnly


class OrderConfig(ModelsOnly):
    name = "shop.order"
    label = "order"
