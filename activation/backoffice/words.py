"""« Textes et réglages » : what référents write for the beneficiaries and the structures."""

from typing import Any, Generic, TypeVar

from django.conf import settings
from django.db.models import Model
from django.forms import ModelForm
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from wagtail import hooks
from wagtail.admin import messages
from wagtail.permission_policies import ModelPermissionPolicy

from activation.models import ActivationSettings, EmailText, ExchangeFormat, Reason, SmsText
from activation.rules import gsm7
from activation.texts import emails, services, sms
from activation.texts.forms import EmailForm, ReasonForm, SmsForm
from portal.accounts.backoffice import Parent, StaffPage, StaffRequest
from portal.privacy.services import record
from portal.ui.viewsets import PagesViewSet

TITLE = "Textes et réglages"
ICON = "edit"
#: Whose number the previews show.
EXAMPLE_LINE = "+33612345678"
WAYS = ("monter", "descendre")
Row = TypeVar("Row", SmsText, EmailText, Reason)


class IndexView(StaffPage):
    """Every text and setting of the activations, as it reads today."""

    any_permission_required = ("view",)
    template_name = "activation/gestion/words/index.html"
    page_title = TITLE
    header_icon = ICON

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show them."""
        columns = ExchangeFormat.load()
        return self.show(
            messages_sms=[_sms(row) for row in SmsText.objects.all()],
            emails=EmailText.objects.all(),
            reasons=_reasons(),
            delays=ActivationSettings.load(),
            delays_url=_settings_url(ActivationSettings),
            exchange=columns,
            columns=columns.columns.all(),
            exchange_url=_settings_url(ExchangeFormat),
            limit=gsm7.LIMIT,
        )


class EditPage(StaffPage, Generic[Row]):
    """A text: typed, shown as it will be read, then kept."""

    permission_required: str | None = "change"
    header_icon = ICON
    parents: tuple[Parent, ...] = (("activation_words:index", [], TITLE),)
    template_name = "activation/gestion/words/edit.html"
    form_class: type[ModelForm[Row]]
    row: Row

    def find(self, **chosen: Any) -> Row:
        """Return the row that the address names."""
        raise NotImplementedError

    def preview(self) -> dict[str, Any]:
        """Return the template of the preview, and what it shows of the row."""
        raise NotImplementedError

    def get(self, request: StaffRequest, **chosen: Any) -> HttpResponse:
        """Show the text that is kept."""
        self.row = self.find(**chosen)
        return self.page(self.form_class(instance=self.row))

    def post(self, request: StaffRequest, **chosen: Any) -> HttpResponse:
        """Keep the text, or show what it would look like, or what is wrong with it."""
        self.row = self.find(**chosen)
        form = self.form_class(self.typed(request), instance=self.row)
        if not form.is_valid():
            return self.page(form, status=422)
        if "preview" in request.POST or "replace" in request.POST:
            return self.page(form, unsaved=True)
        changed = services.save(self.row, by=request.user)
        done = "Le texte est enregistré." if changed else "Rien n’a changé."
        messages.success(request, done)
        return redirect("activation_words:index")

    def typed(self, request: StaffRequest) -> Any:
        """Return what was typed."""
        return request.POST

    def page(self, form: Any, *, unsaved: bool = False, status: int = 200) -> HttpResponse:
        """Draw the form, its preview where the text would do, and the former words."""
        shown = {} if form.is_bound and form.errors else self.preview()
        history = services.history(self.row) if self.row.pk else []
        return self.show(form=form, preview=shown, unsaved=unsaved, history=history, status=status)


class SmsView(EditPage[SmsText]):
    """The SMS of a language."""

    form_class = SmsForm

    def find(self, **chosen: Any) -> SmsText:
        found = get_object_or_404(SmsText, language=chosen["language"])
        self.page_title = f"SMS d’activation\u00a0: {found}"
        return found

    def typed(self, request: StaffRequest) -> Any:
        """Return what was typed; with the nearest letters of the alphabet where that is asked."""
        if "replace" not in request.POST:
            return request.POST
        return {"body": sms.replaced(request.POST.get("body", ""))}

    def preview(self) -> dict[str, Any]:
        return {"template": "activation/gestion/words/preview_sms.html", **_sms(self.row)}

    def page(self, form: Any, *, unsaved: bool = False, status: int = 200) -> HttpResponse:
        """Offer to replace the letters that the alphabet lacks."""
        self.may_replace = bool(form.is_bound and gsm7.foreign(form.data.get("body", "")))
        return super().page(form, unsaved=unsaved, status=status)


class EmailView(EditPage[EmailText]):
    """The e-mail of a moment."""

    form_class = EmailForm

    def find(self, **chosen: Any) -> EmailText:
        found = get_object_or_404(EmailText, moment=chosen["moment"])
        self.page_title = f"E-mail à la structure\u00a0: {found}"
        return found

    def preview(self) -> dict[str, Any]:
        words = (self.row.subject, self.row.body)
        example = emails.example(*words, base_url=settings.WAGTAILADMIN_BASE_URL)
        return {"template": "activation/gestion/words/preview_email.html", **example}


class ReasonView(EditPage[Reason]):
    """A reason that operators choose."""

    form_class = ReasonForm

    def find(self, **chosen: Any) -> Reason:
        found = get_object_or_404(Reason, pk=chosen["pk"])
        self.page_title = f"Motif\u00a0: {found}"
        return found

    def preview(self) -> dict[str, Any]:
        return {"template": "activation/gestion/words/preview_reason.html", "reason": self.row}


class AddReasonView(ReasonView):
    """A new reason."""

    permission_required = "add"
    page_title = "Nouveau motif"

    def find(self, **chosen: Any) -> Reason:
        return Reason()

    def preview(self) -> dict[str, Any]:
        return super().preview() if self.row.text else {}


class ShiftView(StaffPage):
    """Move a reason up or down in the list that operators choose from."""

    permission_required = "change"

    def get(self, request: StaffRequest, pk: int, way: str) -> HttpResponse:
        """Lead somebody who reloads back to the texts."""
        return redirect("activation_words:index")

    def post(self, request: StaffRequest, pk: int, way: str) -> HttpResponse:
        """Move it."""
        if way not in WAYS:
            raise Http404
        reason = get_object_or_404(Reason, pk=pk)
        services.shift(reason, way, by=request.user)
        return redirect(f"{reverse('activation_words:index')}#motifs-{reason.kind}")


class WordsViewSet(PagesViewSet):
    """The page of every text, and one for each."""

    model = Reason
    name = "activation_words"
    url_prefix = "activations-textes"
    icon = ICON
    menu_label = TITLE

    def get_urlpatterns(self) -> list[URLPattern]:
        """Return the addresses below ``/gestion/activations-textes/``."""
        view = self.construct_view
        texts = {
            model: {"permission_policy": ModelPermissionPolicy(model)}
            for model in (SmsText, EmailText)
        }
        return [
            path("", view(IndexView), name="index"),
            path("sms/<slug:language>/", view(SmsView, **texts[SmsText]), name="sms"),
            path("emails/<slug:moment>/", view(EmailView, **texts[EmailText]), name="email"),
            path("motifs/ajouter/", view(AddReasonView), name="reason_add"),
            path("motifs/<int:pk>/", view(ReasonView), name="reason"),
            path("motifs/<int:pk>/<slug:way>/", view(ShiftView), name="reason_shift"),
        ]


@hooks.register("after_edit_setting")
def record_setting(request: StaffRequest, setting: Model) -> None:
    """Write in the trail who changed the delays or the exchanged files."""
    if isinstance(setting, ActivationSettings | ExchangeFormat):
        action = f"activation.{setting._meta.model_name}_changed"
        record(by=request.user, action=action, target=setting)


def _sms(row: SmsText) -> dict[str, Any]:
    """Return an SMS as a person receives it, and its length with the longest number."""
    length = sms.length(row.body)
    return {
        "row": row,
        "text": sms.render(row.body, EXAMPLE_LINE),
        "length": length,
        "over": max(0, length - gsm7.LIMIT),
        "limit": gsm7.LIMIT,
    }


def _reasons() -> list[tuple[Reason.Kind, list[Reason]]]:
    rows = list(Reason.objects.all())
    return [(kind, [row for row in rows if row.kind == kind]) for kind in Reason.Kind]


def _settings_url(model: type[ActivationSettings | ExchangeFormat]) -> str:
    return reverse("wagtailsettings:edit", args=["activation", model._meta.model_name])
