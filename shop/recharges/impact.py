"""What the home page says of recharges."""

from portal.structures import impact
from shop.recharges.models import RechargeCode

impact.register("10-recharges", "recharges remises", lambda: RechargeCode.objects.given().count())
