"""Who may work on agreements, and the first version of their texts (the deck, annexe 2)."""

from typing import Any

from django.db import migrations
from django.db.models import OuterRef, Subquery

from portal.accounts.roles import Role, grant

SEES = [
    "structures.view_agreement",
    "structures.view_agreementtext",
]
WRITES = [
    "structures.add_agreement",
    "structures.change_agreement",
    "structures.add_agreementtext",
]

CONVENTION = """\
## 1. Les parties

La présente convention est conclue entre Emmaüs Connect, association du mouvement Emmaüs (loi 1901) qui lutte contre la fracture numérique, et {{ structure }} ({{ type }}), ci-après «\u00a0la structure\u00a0».

- Adresse\u00a0: {{ adresse }}
- Identifiant\u00a0: {{ identifiant }}
- Référent de la structure\u00a0: {{ referent_structure }}
- Référent Emmaüs Connect\u00a0: {{ referent_emmaus }}

## 2. L’objet

Emmaüs Connect ouvre à la structure L’Espace Recharges, une plateforme en ligne disponible 24\u00a0h/24. La structure y commande des cartes SIM et des recharges prépayées, et les remet aux personnes qu’elle accompagne. La formation à la plateforme et l’accompagnement sont gratuits.

## 3. Le référent de la structure

La structure désigne {{ referent_structure }} comme référent. Il constitue l’équipe qui utilise la plateforme, remonte les besoins et reste l’interlocuteur d’Emmaüs Connect. La structure a toujours un référent\u00a0: s’il change, elle le fait savoir dans son compte.

## 4. Le public et la limite par personne

Les cartes SIM et les recharges sont destinées au public suivant\u00a0: {{ public }}.

Recharges remises à une même personne\u00a0: {{ limite_par_personne }}.

## 5. L’usage de la plateforme

La structure est responsable de l’usage que son équipe fait de la plateforme. Les accès sont personnels. Les numéros de recharge sont remis aux bénéficiaires et ne sont pas revendus au-dessus de leur prix. Les membres de l’équipe suivent une formation d’une heure avant de commander.

## 6. Qui fait quoi

Emmaüs Connect\u00a0:

- active le compte en ligne, 1 à 3 jours ouvrés après la signature
- forme l’équipe à distance, 5 à 10 jours ouvrés après la signature
- fournit les cartes SIM et les recharges, et traite les demandes d’activation
- répond aux questions sur la plateforme, par e-mail et par téléphone

La structure\u00a0:

- s’inscrit à la formation et y participe
- conseille les bénéficiaires et leur fait connaître l’offre
- remonte les besoins, reçoit les cartes SIM et demande leur activation
- remet les recharges aux bénéficiaires

## 7. La livraison

Pour les cartes SIM, {{ livraison }}. Les numéros de recharge sont donnés en ligne, à la commande. Emmaüs Connect prévient la structure si une fourniture vient à manquer.

## 8. La facturation

Les recharges et les cartes SIM payantes sont facturées à la structure chaque mois, au prix solidaire affiché au moment de la commande. Un mois sans achat ne donne lieu à aucune facture. Après la fin d’un avenant, {{ apres_avenant }}.

## 9. Les données personnelles

Emmaüs Connect traite les informations des bénéficiaires pour la seule activation des cartes SIM, conformément au Règlement général sur la protection des données (RGPD). Elles sont chiffrées, puis effacées une fois la demande close et le délai de conservation passé. La structure informe les bénéficiaires et vérifie leur identité sans garder de copie de leurs pièces.

## 10. La durée

La convention prend effet le {{ debut }} et court jusqu’au {{ fin }}\u00a0; {{ reconduction }}. Chaque partie peut la dénoncer par écrit\u00a0: elle s’applique alors jusqu’au terme de l’année en cours.
"""

AVENANT = """\
## 1. Le cadre

Le présent avenant, «\u00a0{{ intitule }}\u00a0», complète la convention conclue entre Emmaüs Connect et {{ structure }}, qui a pris effet le {{ debut_convention }}. Il se fonde sur les informations de la convention\u00a0: même référent ({{ referent_structure }}), même lieu d’intervention ({{ adresse }}). Les engagements pris par la convention doivent être respectés.

## 2. La période

Cet avenant encadre un dispositif exceptionnel. Il s’applique du {{ debut }} au {{ fin }}, ces deux jours compris.

## 3. Ce qui est gratuit

Pendant cette période, la structure accède gratuitement aux quantités suivantes, validées par son référent Emmaüs Connect ({{ referent_emmaus }}) à partir des besoins exprimés.

{{ dotations }}

Ce qui n’est pas pris au dernier jour n’est plus gratuit.

## 4. Les cartes SIM

Pour les cartes SIM de cet avenant, {{ livraison }}.

## 5. Ce qui est payant

Si la structure consomme des produits payants sur la plateforme, ceux-ci lui sont facturés.

## 6. Après la période

À la fin de cette période exceptionnelle, {{ apres_avenant }}.
"""


def _keep_delivery(apps: Any) -> None:
    """Let the avenants of before travel as their conventions say."""
    agreements = apps.get_model("structures", "Agreement").objects
    mode = agreements.filter(pk=OuterRef("agreement")).values("delivery_mode")
    apps.get_model("structures", "Amendment").objects.update(delivery_mode=Subquery(mode[:1]))


def write(apps: Any, schema_editor: Any) -> None:
    """Grant, then publish version 1 where there is none."""
    grant(apps, [*SEES, *WRITES], Role.REFERENT)
    grant(apps, SEES, Role.ADMINISTRATOR)
    _keep_delivery(apps)
    texts = apps.get_model("structures", "AgreementText").objects
    for kind, title, body in (
        ("convention", "Convention de partenariat", CONVENTION),
        ("avenant", "Avenant à la convention", AVENANT),
    ):
        defaults = {"title": title, "body": body.strip()}
        texts.get_or_create(kind=kind, version=1, defaults=defaults)


class Migration(migrations.Migration):
    dependencies = [("structures", "0004_agreements"), ("accounts", "0002_roles")]

    operations = [migrations.RunPython(write, migrations.RunPython.noop)]
