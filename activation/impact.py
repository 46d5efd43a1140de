"""What the home page says of activations."""

from activation.models import ActivationRequest
from activation.states import State
from portal.structures import impact

impact.register(
    "20-people",
    "personnes connectées",
    lambda: ActivationRequest.objects.filter(state=State.ACTIVATED).count(),
)
