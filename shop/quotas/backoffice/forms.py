"""What a référent types of campaigns and quotas."""

from typing import Any

from django import forms
from django.contrib.auth import get_user_model
from oscar.core.loading import get_model

from portal.structures.models import Structure
from portal.ui.errors import DomainError
from portal.ui.forms import day_input
from shop.quotas.bulk import MAX_BYTES, MOST, Table, everyone, read_file, read_text
from shop.quotas.models import Campaign, FreeQuota

Product = get_model("catalogue", "Product")
_LIMIT = "Recharges qu’une même personne peut recevoir sur la période. Vide\u00a0: sans limite."


class CampaignForm(forms.Form):
    """Name, dates and products."""

    name = forms.CharField(label="Nom", max_length=100)
    starts_on = forms.DateField(label="Premier jour", widget=day_input())
    ends_on = forms.DateField(label="Dernier jour, compris", widget=day_input())
    products = forms.ModelMultipleChoiceField(
        queryset=Product.objects.none(),
        label="Produits gratuits pendant la campagne",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Choisissez au moins un produit."},
    )

    def __init__(self, data: Any = None, *, campaign: Campaign | None = None) -> None:
        """Fill the form from ``campaign`` where there is one."""
        initial: dict[str, Any] = {}
        if campaign:
            names = ("name", "starts_on", "ends_on")
            initial = {name: getattr(campaign, name) for name in names}
            initial["products"] = campaign.products.all()
        super().__init__(data, initial=initial)
        offered = Product.objects.filter(terms__isnull=False).order_by("terms__position", "pk")
        self.fields["products"].queryset = offered  # type: ignore[attr-defined]


class QuotaForm(forms.Form):
    """Units, dates and limit of one quota; a campaign's dates are not its own."""

    granted = forms.IntegerField(
        label="Quantité accordée",
        min_value=0,
        max_value=MOST,
        help_text="En tout, ce qui est déjà pris compris.",
    )
    starts_on = forms.DateField(label="Premier jour", widget=day_input())
    ends_on = forms.DateField(label="Dernier jour, compris", widget=day_input())
    limit_per_person = forms.IntegerField(
        label="Limite par bénéficiaire",
        min_value=1,
        max_value=1_000,
        required=False,
        help_text=_LIMIT,
    )

    def __init__(self, data: Any = None, *, quota: FreeQuota) -> None:
        """Fill the form from ``quota``."""
        super().__init__(
            data,
            initial={name: getattr(quota, name) for name in self.base_fields},
        )
        if quota.campaign_id:
            for name in ("starts_on", "ends_on"):
                self.fields[name].disabled = True
                self.fields[name].help_text = "Date de la campagne."


class GrantForm(forms.Form):
    """What both ways of granting many quotas have in common: one page holds both."""

    ids = "id_%s"

    limit_per_person = forms.IntegerField(
        label="Limite par bénéficiaire",
        min_value=1,
        max_value=1_000,
        required=False,
        help_text="Pour toutes ces dotations. Vide\u00a0: rien ne change.",
    )

    def __init__(self, data: Any = None, files: Any = None, *, campaign: Campaign) -> None:
        """Keep the campaign, whose products are the only ones."""
        self.campaign = campaign
        self.table = Table()
        super().__init__(data, files, auto_id=self.ids)


class TableForm(GrantForm):
    """A table pasted or sent."""

    text = forms.CharField(
        label="Tableau collé",
        required=False,
        max_length=MAX_BYTES,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false"}),
        help_text="Par ligne\u00a0: structure;produit;quantité. La structure est son nom ou son "
        "SIRET. Des cellules copiées d’un tableur vont aussi.",
    )
    file = forms.FileField(
        label="Ou fichier CSV ou Excel (XLSX)",
        required=False,
        widget=forms.ClearableFileInput(attrs={"accept": ".csv,.txt,.xlsx"}),
    )
    field_order = ("text", "file", "limit_per_person")

    def clean(self) -> dict[str, Any]:
        """Read the table; what cannot be read is said beside the field it came from."""
        typed: dict[str, Any] = super().clean() or {}
        file, text = typed.get("file"), typed.get("text", "")
        if not self.errors and bool(file) == bool(text.strip()):
            self.add_error("text", "Collez un tableau ou choisissez un fichier, l’un des deux.")
        if self.errors:
            return typed
        try:
            self.table = read_file(self.campaign, file) if file else read_text(self.campaign, text)
        except DomainError as error:
            self.add_error("file" if file else "text", error.message)
        return typed


class EveryoneForm(GrantForm):
    """The same units for each structure that the filters keep."""

    ids = "everyone_%s"

    kind = forms.ChoiceField(
        label="Type de structure",
        choices=[("", "Tous les types"), *Structure.Kind.choices],
        required=False,
    )
    manager = forms.ModelChoiceField(
        queryset=get_user_model().objects.none(),
        label="Référent Emmaüs Connect",
        empty_label="Tous les référents",
        required=False,
    )

    def __init__(self, data: Any = None, *, campaign: Campaign) -> None:
        """Add a quantity for each product of the campaign."""
        super().__init__(data, campaign=campaign)
        managers = get_user_model().objects.filter(portfolio__isnull=False).distinct()
        self.fields["manager"].queryset = managers  # type: ignore[attr-defined]
        self.products = list(campaign.products.order_by("terms__position", "pk"))
        for product in self.products:
            self.fields[f"units-{product.pk}"] = forms.IntegerField(
                label=f"Quantité par structure\u00a0: {product.title}",
                min_value=0,
                max_value=MOST,
                required=False,
            )

    def clean(self) -> dict[str, Any]:
        """Work out who gets what."""
        typed: dict[str, Any] = super().clean() or {}
        if self.errors:
            return typed
        units = {product.pk: typed.get(f"units-{product.pk}") for product in self.products}
        quantities = {pk: number for pk, number in units.items() if number is not None}
        if not quantities:
            raise forms.ValidationError("Indiquez la quantité d’au moins un produit.")
        self.table = Table(
            everyone(kind=typed["kind"], manager=typed["manager"], quantities=quantities)
        )
        if not self.table.wanted:
            raise forms.ValidationError("Aucune structure active ne correspond à ces filtres.")
        return typed
