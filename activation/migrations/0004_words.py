"""The words, reasons and columns to begin with: a référent edits them, no deployment does."""

from typing import Any

from django.db import migrations

from portal.accounts.roles import Role, grant

SMS = {
    "fr": "Votre ligne SFR est activée. Votre numéro : {numero}. Pour voir votre solde, appelez "
    "le {solde}. Pour recharger, appelez le {recharge}.",
    "en": "Your SFR line is active. Your number: {numero}. To check your credit, call {solde}. "
    "To top up, call {recharge}.",
    # The alphabet of SMS has no í, ó or ú: words without them.
    "es": "Su tarjeta SFR ya funciona. Le pueden llamar al {numero}. Para ver su saldo, llame al "
    "{solde}. Para recargar, llame al {recharge}.",
}
EMAILS = {
    "activated": (
        "Demande {reference}\u00a0: la ligne est activée",
        "La ligne de la demande {reference} est activée. Le bénéficiaire reçoit son numéro par "
        "SMS.",
    ),
    "to_correct": (
        "Demande {reference}\u00a0: une correction est demandée",
        "Il manque quelque chose à la demande {reference}, ou une information ne va pas. La page "
        "de la demande dit quoi, et permet de la corriger et de la renvoyer.",
    ),
    "refused": (
        "Demande {reference}\u00a0: elle est refusée",
        "La demande {reference} ne peut pas aboutir. La page de la demande en dit la raison. La "
        "carte peut servir à une autre demande.",
    ),
    "porting": (
        "Demande {reference}\u00a0: la portabilité est en cours",
        "SFR prépare le transfert du numéro de la demande {reference}. D’ici là, le bénéficiaire "
        "garde son ancienne carte dans son téléphone.",
    ),
}
REASONS = (
    (
        "to_correct",
        "Carte illisible",
        "Le numéro de la carte SIM n’est pas celui d’une carte que nous connaissons. Recopiez les "
        "20 chiffres imprimés sur la carte.",
    ),
    (
        "to_correct",
        "Nom différent de la pièce",
        "Le nom ou le prénom n’est pas accepté par SFR. Recopiez-le exactement comme sur la pièce "
        "d’identité.",
    ),
    (
        "to_correct",
        "RIO périmé",
        "Le code RIO n’est plus valable\u00a0: il change quand l’offre change. Appelez de nouveau "
        "le 3179 depuis le portable du bénéficiaire.",
    ),
    (
        "refused",
        "Carte déjà active",
        "SFR indique que cette carte est déjà active. Prenez une autre carte et faites une nouvelle "
        "demande.",
    ),
    (
        "refused",
        "Portabilité refusée",
        "L’opérateur actuel refuse la portabilité\u00a0: la ligne est résiliée, ou son titulaire est "
        "une autre personne. Faites une nouvelle demande sans garder le numéro.",
    ),
)
COLUMNS = (
    ("reference", "Référence"),
    ("iccid", "ICCID"),
    ("civility", "Civilité"),
    ("last_name", "Nom"),
    ("first_name", "Prénom"),
    ("birth_date", "Date de naissance"),
    ("birth_department", "Département de naissance"),
    ("birth_country", "Pays de naissance"),
    ("portability", "Portabilité"),
    ("current_number", "Numéro à garder"),
    ("rio", "RIO"),
)
ANSWER_COLUMNS = (
    ("ICCID", "iccid"),
    ("Statut", "status"),
    ("Numéro de ligne", "line_number"),
    ("MSISDN", "line_number"),
    ("Motif", "reason"),
    ("Date de portabilité", "porting_on"),
)
WORDS = (
    ("Activée", "activated"),
    ("Active", "activated"),
    ("OK", "activated"),
    ("Refusée", "refused"),
    ("Refus", "refused"),
    ("KO", "refused"),
    ("Portabilité en cours", "porting"),
    ("En cours de portabilité", "porting"),
    ("À corriger", "to_correct"),
)


def grant_permissions(apps: Any, schema_editor: Any) -> None:
    words = [
        "activation.change_exchangeformat",
        "activation.change_smstext",
        "activation.change_emailtext",
        *(f"activation.{verb}_reason" for verb in ("view", "add", "change", "delete")),
        "activation.view_statistics:activationrequest",
    ]
    grant(apps, words, Role.REFERENT, Role.ADMINISTRATOR)
    grant(apps, ["activation.view_statistics:activationrequest"], Role.OPERATOR)
    grant(
        apps,
        [
            "activation.manage_personal_data:activationrequest",
            "activation.view_purgeproof",
        ],
        Role.ADMINISTRATOR,
    )


def write_words(apps: Any, schema_editor: Any) -> None:
    def model(name: str) -> Any:
        return apps.get_model("activation", name).objects

    for language, body in SMS.items():
        model("SmsText").create(language=language, body=body)
    for moment, (subject, body) in EMAILS.items():
        model("EmailText").create(moment=moment, subject=subject, body=body)
    for rank, (kind, label, text) in enumerate(REASONS):
        model("Reason").create(kind=kind, label=label, text=text, sort_order=rank)
    settings = model("ExchangeFormat").create()
    for rank, (source, heading) in enumerate(COLUMNS):
        model("ExchangeColumn").create(
            settings=settings, source=source, heading=heading, sort_order=rank
        )
    for rank, (heading, target) in enumerate(ANSWER_COLUMNS):
        model("AnswerColumn").create(
            settings=settings, heading=heading, target=target, sort_order=rank
        )
    for rank, (word, meaning) in enumerate(WORDS):
        model("AnswerWord").create(settings=settings, word=word, meaning=meaning, sort_order=rank)


class Migration(migrations.Migration):
    dependencies = [
        ("activation", "0003_operators"),
        ("accounts", "0002_roles"),
    ]

    operations = [
        migrations.RunPython(grant_permissions, migrations.RunPython.noop),
        migrations.RunPython(write_words, migrations.RunPython.noop),
    ]
