"""One of everything: a person of each kind, and an object for each argument of an address."""

import datetime as dt
import io
import re
import time
import uuid
from typing import Any

from allauth.mfa.models import Authenticator
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone
from fido2.cose import ES256
from fido2.webauthn import (
    AttestationObject,
    AttestedCredentialData,
    AuthenticatorAttestationResponse,
    AuthenticatorData,
    CollectedClientData,
    RegistrationResponse,
)
from PIL import Image
from wagtail.admin.models import EditingSession
from wagtail.contrib.redirects.models import Redirect
from wagtail.models import (
    Collection,
    CollectionViewRestriction,
    Page,
    PageViewRestriction,
    Site,
    UploadedFile,
    Workflow,
)

from activation.exchange.batches import make as make_batch
from activation.exchange.imports import deposit as deposit_answers
from activation.models import ActivationSettings, ExchangeFormat, Reason
from activation.privacy.anonymise import begin
from activation.sheets.services import deposit as deposit_sheet
from activation.states import State
from knowledge.estimator.models import DataUsage
from knowledge.faq_import import upload as faq_upload
from knowledge.models import FaqQuestion, FaqTheme, GuidePage, ResourceIndexPage, UsefulNumber
from knowledge.support import services as support
from knowledge.support.models import CannedAnswer, SupportAttachment
from portal.accounts import links
from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.candidatures.links import make as sign_link
from portal.outbox.models import JournalEntry, OutboxMessage
from portal.pages import first_content
from portal.pages.models import Licence, MenuSettings, Paper, Picture, PublisherSettings
from portal.portfolio import imports
from portal.privacy.models import AuditEntry
from portal.structures.agreements import documents, preparing
from portal.structures.agreements.uploads import Checked
from portal.structures.models import AgreementDocument, AgreementText
from shop.handovers.models import HandOver
from shop.handovers.services import hand_over
from shop.ordering import baskets
from shop.ordering.services import place_order, preview
from shop.quotas.campaigns import open_campaign
from shop.recharges.faulty import report_faulty
from shop.recharges.imports import upload
from shop.recharges.models import RechargeCode
from shop.recharges.services import show
from shop.sims import addresses
from shop.sims.models import DeliveryAddress
from tests import factories
from tests.activation.factories import request as activation_request
from tests.activation.sheets import csv_of, line, rows
from tests.candidatures.conftest import submitted
from tests.sims.conftest import delivery as sim_delivery
from tests.training.conftest import objects as training_objects

#: The table's columns. The objects are those of the partner's structure; the neighbour is a
#: member of another one, the unattached of none. Staff are members of none either.
PEOPLE = (
    *("anonymous", "partner", "neighbour", "unattached"),
    *("editor", "moderator", "referent", "operator", "administrator"),
)
STAFF = PEOPLE[4:]
ROLES = {
    "unattached": Role.PARTNER,
    "editor": Role.EDITOR,
    "moderator": Role.MODERATOR,
    "referent": Role.REFERENT,
    "operator": Role.OPERATOR,
    "administrator": Role.ADMINISTRATOR,
}
UPC = "internet-mobile-8-go"
UNSCHEDULE = "gestion/pages/<int:page_id>/revisions/<int:revision_id>/unschedule/"
ARGUMENT = re.compile(r"<(?:\w+:)?(\w+)>")


def credential() -> dict[str, Any]:
    """Return what a browser sends when a new key is registered, with an invented public key."""
    public = ES256({1: 2, 3: -7, -1: 1, -2: b"x" * 32, -3: b"y" * 32})
    attested = AttestedCredentialData.create(b"a" * 16, b"key of the partner", public)
    flags = AuthenticatorData.FLAG.UP | AuthenticatorData.FLAG.AT
    data = AuthenticatorData.create(b"h" * 32, flags, 1, attested)
    client = CollectedClientData.create("webauthn.create", b"challenge", "http://testserver")
    answer = AuthenticatorAttestationResponse(
        client_data=client, attestation_object=AttestationObject.create("none", data, {})
    )
    return dict(RegistrationResponse(raw_id=b"key of the partner", response=answer))


def person(name: str, **fields: Any) -> User:
    """Create somebody who has chosen a password."""
    made: User = factories.UserFactory(
        email=f"{name}@access.example", password=factories.PASSWORD, **fields
    )
    return made


class World:
    """People by name, and the values of arguments."""

    def __init__(self) -> None:
        """Write everything into the database."""
        first_content.load()
        self.people: dict[str, User] = {
            name: person(name, role=role) for name, role in ROLES.items()
        }
        for name in ("partner", "neighbour"):
            user = self.people[name] = person(name)
            membership = factories.MembershipFactory(user=user, is_structure_lead=True)
            setattr(self, name, membership)
        colleague = factories.MembershipFactory(structure=self.partner.structure)
        #: By name of the argument, or by « start of the route|name » where that says more.
        self.values: dict[str, object] = {"mon-compte/equipe/|uuid": colleague.user.uuid}
        self._sims()
        self._shop()
        self._carnet(colleague)
        self._agreements()
        self._portfolio()
        self._activation()
        self._candidature()
        self._accounts()
        self.values |= training_objects(by=self.people["referent"], partner=self.people["partner"])
        self._outbox()
        self._pages()
        self._snippets()
        self._support()
        self._files()
        self._settings()

    def path(self, route: str, example: str = "") -> str:
        """Return an address of a route, with real arguments.

        Args:
            route: as the resolver writes it.
            example: the address itself where the route is a regular expression; ``{name}``
                stands for an argument's value.

        Raises:
            KeyError: no object is known for an argument.
        """
        if example:
            path = re.sub(r"{(\w+)}", lambda name: self._value(route, name[1]), example)
            return "/" + path.lstrip("/")
        path = ARGUMENT.sub(lambda name: self._value(route, name[1]), route)
        return "/" + path.replace("^", "").replace("$", "")

    def _value(self, route: str, name: str) -> str:
        starts = [key for key in self.values if key.endswith(f"|{name}")]
        fitting = [key for key in starts if route.startswith(key.rpartition("|")[0])]
        return str(self.values[max(fitting, key=len, default=name)])

    def client(self, name: str) -> Client:
        """Return a browser of somebody who has just proved who they are."""
        client = Client(raise_request_exception=False)
        if name != "anonymous":
            user = self.people[name]
            client.force_login(user)
            session = client.session
            now = {"at": time.time(), "reauthenticated": True}
            proofs = [{"method": "password", **now}]
            if user == self.key.user:
                proofs.append({"method": "mfa", "id": self.key.pk, **now})
            session["account_authentication_methods"] = proofs
            session["account_authentication_methods_user"] = str(user.pk)
            session.save()
        return client

    def _sims(self) -> None:
        factories.quota(self.partner.structure, "carte-sim", 5)
        parcel, address = sim_delivery(self.partner, 1), DeliveryAddress()
        values = {"label": "Nord", "recipient": "Accueil", "street": "1 rue A"}
        place = {"postcode": "59000", "city": "Lille"}
        addresses.save(by=self.partner, address=address, values=values | place)
        self.values |= {
            "mon-compte/cartes-sim/|uuid": parcel.uuid,
            "mon-compte/adresses/|uuid": address.uuid,
            "gestion/cartes-sim/|uuid": parcel.uuid,
            "sim_delivery": parcel.uuid,
        }

    def _shop(self) -> None:
        factories.lot(UPC, factories.codes(20))
        for member in (self.partner, self.neighbour):
            factories.quota(member.structure, UPC, 5)
        baskets.add(by=self.partner, upc=UPC, quantity=2)
        basket = baskets.get_or_open(self.partner)
        seen = preview(self.partner, basket).digest
        order = place_order(by=self.partner, key=basket.key, seen=seen)
        baskets.add(by=self.partner, upc=UPC, quantity=1)
        code = RechargeCode.objects.filter(state="given").first()
        content = factories.lot_file(UPC, factories.codes(2, start=500))
        draft = upload(by=self.people["referent"], name="Lot", content=content)
        assert code is not None
        self.order, self.code = order, code
        self._catalogue(self.partner.structure)
        self.values |= {
            "commande/|uuid": order.uuid,
            "mon-compte/recharges/|uuid": code.uuid,
            "gestion/commandes/|uuid": order.uuid,
            "gestion/lots/|pk": code.lot_id,
            "gestion/lots/|uuid": draft.uuid,
            "gestion/numeros/|uuid": code.uuid,
        }

    def _catalogue(self, structure: Any) -> None:
        """Let a référent open a campaign for the partner's structure."""
        product, today = factories.product(UPC), factories.today()
        campaign = open_campaign(
            by=self.people["referent"],
            name="Hiver",
            starts_on=today,
            ends_on=today,
            products=[product],
        )
        self.values |= {
            "gestion/catalogue/|pk": product.pk,
            "gestion/campagnes/|uuid": campaign.uuid,
            "gestion/dotations/|pk": structure.free_quotas.get(product=product).pk,
            "product": product.pk,
        }

    def _carnet(self, colleague: Any) -> None:
        """Let a colleague of the partner order one number, look at it and note its hand-over."""
        baskets.add(by=colleague, upc=UPC, quantity=1)
        basket = baskets.get_or_open(colleague)
        seen = preview(colleague, basket).digest
        order = place_order(by=colleague, key=basket.key, seen=seen)
        codes = RechargeCode.objects.filter(order_line__order=order.pk)
        show(by=colleague.user, codes=codes, where="order")
        self.handover = hand_over(
            by=colleague,
            code=codes.get(),
            reference="Dossier 12",
            handed_on=factories.today(),
            paid_by=HandOver.Payer.NOBODY,
        )
        self.values["mon-compte/remises/|uuid"] = self.handover.code.uuid
        self._report(colleague)

    def _report(self, colleague: Any) -> None:
        """Report a number of the colleague's: it is replaced, and waits for SFR's refund."""
        baskets.add(by=colleague, upc=UPC, quantity=1)
        basket = baskets.get_or_open(colleague)
        seen = preview(colleague, basket).digest
        order = place_order(by=colleague, key=basket.key, seen=seen)
        codes = RechargeCode.objects.filter(order_line__order=order.pk)
        code = show(by=colleague.user, codes=codes, where="order")[0].code
        report = report_faulty(by=colleague, code=code.uuid, symptom="used")
        self.values["gestion/defectueux/|uuid"] = report.uuid

    def _agreements(self) -> None:
        """Let a référent draft a convention and an avenant, with a file each lead may read."""
        by, mine = self.people["referent"], self.partner.structure
        agreement = preparing.draft_agreement(by=by, structure=mine)
        amendment = preparing.draft_amendment(by=by, agreement=agreement)
        signed = Checked(b"%PDF-1.7", "application/pdf")
        file = documents.keep(agreement, AgreementDocument.Kind.SIGNED, signed, by=by)
        for place in ("mon-compte/convention/", "gestion/conventions/"):
            self.values |= {
                f"{place}|uuid": agreement.uuid,
                f"{place}documents/|uuid": file.uuid,
                f"{place}avenants/|uuid": amendment.uuid,
            }
        self.values |= {
            "gestion/conventions/|name": "reprendre",
            "gestion/textes-conventions/|kind": "convention",
            "gestion/textes-conventions/|pk": AgreementText.objects.earliest("pk").pk,
        }

    def _portfolio(self) -> None:
        """Send a file of places that is not imported yet."""
        content = io.BytesIO(b"nom,code_postal,commune\nLe Phare,33000,Bordeaux")
        file = imports.upload(by=self.people["referent"], name="lieux.csv", file=content)
        self.values |= {
            "gestion/structures/|uuid": self.partner.structure.uuid,
            "gestion/structures/importer/|uuid": file.uuid,
            "structure": self.partner.structure.uuid,
        }

    def _candidature(self) -> None:
        sent = submitted()
        self.values |= {
            "devenir-relais/reprendre/|token": sign_link(sent).rstrip("/").rpartition("/")[2],
            "devenir-relais/candidature/|name": "structure",
            "gestion/candidatures/|uuid": sent.uuid,
            "candidature": sent.uuid,
        }

    def _activation(self) -> None:
        mine = {"by": self.people["partner"], "within": self.partner.structure}
        waiting = activation_request(State.SUBMITTED, **mine)
        returned = activation_request(State.TO_CORRECT, **mine)
        sheet = deposit_sheet(
            SimpleUploadedFile("demandes.csv", csv_of(rows(line()))),
            by=self.people["partner"],
            structure=self.partner.structure,
        )
        self.activation = waiting
        self.values |= {
            "activation-sim/|identifier": waiting.uuid,
            "activation-sim/fichier/|identifier": sheet.uuid,
            "activation-sim/fichier/|form": "csv",
            "activation-sim/suivi/<uuid:identifier>/corriger/|identifier": returned.uuid,
            "gestion/activations/|identifier": waiting.uuid,
            **self._exchange(mine),
            "gestion/preuves-d-anonymisation/|pk": begin(by=None, closed_before=None).pk,
            "activation": waiting.uuid,
            "field": "iccid",
        }

    def _exchange(self, mine: dict[str, Any]) -> dict[str, Any]:
        """Transmit a request to SFR, and deposit an answer that is not applied."""
        by = self.people["operator"]
        sent = activation_request(State.SUBMITTED, **mine)
        batch = make_batch(by=by, key=uuid.uuid4(), chosen={sent.uuid}).batch
        reply = f"ICCID;Statut;MSISDN\n{sent.iccid};OK;0755667788\n".encode()
        return {
            "gestion/sfr/lots/|identifier": batch.uuid,
            "gestion/sfr/lots/|form": "csv",
            "gestion/sfr/preparer/|key": uuid.uuid4(),
            "gestion/sfr/reponses/|identifier": deposit_answers(io.BytesIO(reply), by=by).uuid,
        }

    def _accounts(self) -> None:
        partner = self.people["partner"]
        self.key = Authenticator.objects.create(
            user=partner,
            type=Authenticator.Type.WEBAUTHN,
            data={"name": "Ma clé", "credential": credential()},
        )
        invited = factories.UserFactory(email="invited@access.example")
        _, _, uidb64, token, _ = links.invitation(invited).rsplit("/", 4)
        reset = links.password_reset(person("forgetful")).rstrip("/").rpartition("/")[2]
        uidb36, _, reset_key = reset.partition("-")
        self.values |= {
            "mon-compte/securite/|pk": self.key.pk,
            "invitation/|uidb64": uidb64,
            "invitation/|token": token,
            "gestion/password_reset/|uidb64": uidb64,
            "gestion/password_reset/|token": token,
            "uidb36": uidb36,
            "key": reset_key,
            "gestion/users/|pk": partner.pk,
            "user_id": partner.pk,
            "gestion/groups/|pk": Group.objects.get(name=Role.PARTNER).pk,
            "styleguide/|name": "404",
        }

    def _outbox(self) -> None:
        message = OutboxMessage.objects.create(
            topic="accounts.invitation",
            payload={"user": str(uuid.uuid4())},
            attempts=8,
            dead_at=timezone.now(),
        )
        sent = JournalEntry.objects.create(
            channel=JournalEntry.Channel.SMS, key="sms", recipient="+33612345678", text="Bonjour"
        )
        self.values |= {
            "gestion/envois/|pk": message.pk,
            "gestion/messages-envoyes/|pk": sent.pk,
            "gestion/traces/|pk": AuditEntry.objects.earliest("pk").pk,
        }

    def _pages(self) -> None:
        editor = self.people["editor"]
        home, index = Site.objects.get().root_page, ResourceIndexPage.objects.get()
        page, draft, closed = GuidePage.objects.order_by("path")[:3]
        draft.unpublish()
        PageViewRestriction.objects.update_or_create(
            page=closed, defaults={"restriction_type": PageViewRestriction.LOGIN}
        )
        state, later = self._submitted(page)
        session = EditingSession.objects.create(
            user=editor,
            content_type=ContentType.objects.get_for_model(GuidePage),
            object_id=str(page.pk),
            last_seen_at=timezone.now(),
        )
        workflow = Workflow.objects.get()
        task = workflow.tasks.get()
        self.page = page
        self.values |= {
            "page_id": page.pk,
            "parent_page_id": index.pk,
            "page_to_move_id": page.pk,
            "destination_id": home.pk,
            "page_pk": Page.objects.get(depth=1).pk,
            "workflow_pk": workflow.pk,
            "revision_id": page.latest_revision.pk,
            f"{UNSCHEDULE}|revision_id": later,
            "task_state_id": state.current_task_state.pk,
            "workflow_state_id": state.pk,
            "task_id": task.pk,
            "action_name": "approve",
            "gestion/api/main/|pk": page.pk,
            "gestion/api/main/|action_name": "unpublish",
            "session_id": session.pk,
            "object_id": page.pk,
            "gestion/editing-sessions/|app_label": "knowledge",
            "gestion/editing-sessions/|model_name": "guidepage",
            "content_type_app_name": "knowledge",
            "content_type_model_name": "guidepage",
            "gestion/pages/create/|app_label": "knowledge",
            "gestion/pages/create/|model_name": "guidepage",
            "gestion/workflows/|pk": workflow.pk,
            "gestion/workflows/tasks/|pk": task.pk,
            "gestion/workflows/tasks/|app_label": "wagtailcore",
            "gestion/workflows/tasks/|model_name": "groupapprovaltask",
            "ressources/mes-fiches/|pk": page.pk,
            "page_path": page.get_url().lstrip("/"),
            "draft_path": draft.get_url().lstrip("/"),
            "closed_path": closed.get_url().lstrip("/"),
        }

    def _submitted(self, thing: Any) -> tuple[Any, int]:
        """Let the editor submit a page or snippet; return the workflow's state, and a revision
        that is to go live tomorrow."""
        editor = self.people["editor"]
        tomorrow = timezone.now() + dt.timedelta(days=1)
        later = thing.save_revision(user=editor, approved_go_live_at=tomorrow)
        thing.save_revision(user=editor)
        return Workflow.objects.get().start(thing, editor), later.pk

    def _snippets(self) -> None:
        places = {
            FaqQuestion: "gestion/faq/questions/",
            FaqTheme: "gestion/faq/themes/",
            UsefulNumber: "gestion/numeros-utiles/",
            DataUsage: "gestion/estimateur/usages/",
        }
        for model, place in places.items():
            one = model.objects.earliest("pk")
            state, later = self._submitted(one)
            chooser = f"gestion/snippets/choose/{model._meta.label_lower.replace('.', '/')}/"
            unschedule = f"{place}history/<int:pk>/revisions/<int:revision_id>/unschedule/"
            self.values |= {
                f"{place}|pk": one.pk,
                f"{chooser}|pk": one.pk,
                f"{place}|revision_id": one.latest_revision.pk,
                f"{unschedule}|revision_id": later,
                f"{place}|task_state_id": state.current_task_state.pk,
                f"{place}|workflow_state_id": state.pk,
            }
        question = FaqQuestion.objects.earliest("pk")
        lines = b"theme;question;reponse\nusage;Est-ce neuf ?;Oui.\n"
        file = faq_upload(by=self.people["editor"], name="questions.csv", file=io.BytesIO(lines))
        self.values |= {
            "question_id": question.pk,
            "answer_path": f"faq/{question.slug}/",
            "faq/|slug": question.slug,
            "gestion/faq/suivi/|pk": question.pk,
            "gestion/faq/suivi/|uuid": file.uuid,
        }

    def _support(self) -> None:
        """Let the partner ask for assistance, with a file; a référent has a ready text."""
        question = support.Question(subject="other", title="Bonjour", body="Une question")
        paper = Checked(b"%PDF-1.7", "application/pdf")
        asked = support.ask(by=self.partner, key=uuid.uuid4(), question=question, files=[paper])
        file = SupportAttachment.objects.get()
        self.values |= {
            "aide/demande/|pk": FaqQuestion.objects.live().earliest("pk").pk,
            "mon-compte/assistance/|uuid": asked.uuid,
            "mon-compte/assistance/fichiers/|uuid": file.uuid,
            "gestion/assistance/|uuid": asked.uuid,
            "gestion/assistance/fichiers/|uuid": file.uuid,
            "gestion/assistance/|name": "repondre",
            "gestion/reponses-types/|pk": CannedAnswer.objects.create(title="A", body="B").pk,
        }

    def _files(self) -> None:
        editor = self.people["editor"]
        content = io.BytesIO()
        Image.new("RGB", (20, 20), "teal").save(content, "PNG")
        picture = ImageFile(io.BytesIO(content.getvalue()), "picture.png")
        own = {"licence": Licence.OWN, "uploaded_by_user": editor}
        image = Picture.objects.create(title="Image", description="Rien", file=picture, **own)
        rendition = image.get_rendition("width-10")
        file = ContentFile(b"text", "guide.txt")
        document = Paper.objects.create(title="Fichier", file=file, **own)
        closed = Collection.get_first_root_node().add_child(name="Équipe")
        restriction = CollectionViewRestriction.objects.create(
            collection=closed, restriction_type=CollectionViewRestriction.LOGIN
        )
        kept = ContentFile(b"text", "closed.txt")
        private = Paper.objects.create(title="Interne", file=kept, collection=closed)
        self.values |= {
            "image_id": image.pk,
            "filter_spec": "width-10",
            "gestion/images/chooser/|pk": image.pk,
            "gestion/api/main/^images/|pk": image.pk,
            "path": rendition.file.name.removeprefix("images/"),
            "document_id": document.pk,
            "doc_id": document.pk,
            "gestion/documents/chooser/|pk": document.pk,
            "gestion/api/main/^documents/|pk": document.pk,
            "document_name": document.filename,
            "private_id": private.pk,
            "private_name": private.filename,
            "original_name": image.file.name,
            "collection_id": closed.pk,
            "gestion/collections/|pk": closed.pk,
            "restriction_id": restriction.pk,
        }
        for model, place in ((Picture, "gestion/images/"), (Paper, "gestion/documents/")):
            uploaded = UploadedFile.objects.create(
                for_content_type=ContentType.objects.get_for_model(model),
                file=ContentFile(b"text", "waiting.txt"),
                uploaded_by_user=editor,
            )
            self.values[f"{place}|uploaded_file_id"] = uploaded.pk

    def _settings(self) -> None:
        site = Site.objects.get()
        redirect = Redirect.objects.create(old_path="/ancien", redirect_link="/faq/")
        PublisherSettings.for_site(site)
        MenuSettings.for_site(site)
        self.values |= {
            "gestion/sites/|pk": site.pk,
            "redirect_id": redirect.pk,
            "site_id": site.pk,
            "activation_settings_id": ActivationSettings.objects.get().pk,
            "exchange_format_id": ExchangeFormat.objects.get().pk,
            "gestion/activations-textes/|language": "fr",
            "gestion/activations-textes/|moment": "activated",
            "gestion/activations-textes/|pk": Reason.objects.earliest("pk").pk,
            "reason_id": Reason.objects.earliest("pk").pk,
            "gestion/tag-autocomplete/|app_name": "taggit",
            "gestion/tag-autocomplete/|model_name": "tag",
        }
