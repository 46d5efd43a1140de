"""« Textes des conventions » : every version, the next one, and what it looks like on paper."""

from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from wagtail.admin import messages

from portal.accounts.backoffice import Parent, StaffRequest
from portal.structures.agreements import paper, texts
from portal.structures.backoffice.forms import TextForm
from portal.structures.backoffice.frame import AgreementPage
from portal.structures.models import AgreementText, Kind
from portal.ui.errors import DomainError

TITLE = "Textes des conventions"
ICON = "doc-full"


class TextPage(AgreementPage):
    """A page about the texts."""

    header_icon = ICON
    parents: Sequence[Parent] = (("textes:index", [], TITLE),)


class TextsView(TextPage):
    """List the versions."""

    template_name = "structures/gestion/texts.html"
    page_title = TITLE
    parents = ()

    def get(self, request: StaffRequest) -> HttpResponse:
        """Show every version of both texts, the newest first."""
        rows = AgreementText.objects.select_related("by").defer("body")
        groups = [
            (kind, [one for one in rows if one.kind == kind])
            for kind in (Kind.CONVENTION, Kind.AVENANT)
        ]
        return self.show(groups=groups, may_add=self.user_has_permission("add"))


class EditTextView(TextPage):
    """Write the next version of a text."""

    any_permission_required = ("add",)
    template_name = "structures/gestion/text.html"

    def get(self, request: StaffRequest, kind: str) -> HttpResponse:
        """Show the published version, to be changed."""
        last = AgreementText.objects.filter(kind=self._kind(kind)).order_by("-version").first()
        initial = {"title": last.title, "body": last.body} if last else {}
        return self._page(TextForm(initial=initial), kind)

    def post(self, request: StaffRequest, kind: str) -> HttpResponse:
        """Publish, or draw a proof of what is typed; what is wrong is said and nothing lost."""
        form = TextForm(request.POST)
        kind = self._kind(kind)
        if form.is_valid():
            try:
                if "preview" in request.POST:
                    return self._proof(form, kind)
                made = texts.publish(by=request.user, kind=kind, **form.cleaned_data)
            except DomainError as error:
                form.add_error("body", error.message)
            else:
                messages.success(
                    request, f"{made} est publiée. Les documents envoyés gardent la leur."
                )
                return redirect("textes:index")
        return self._page(form, kind, status=422)

    def _proof(self, form: TextForm, kind: str) -> HttpResponse:
        body = texts.clean(kind, form.cleaned_data["body"])
        typed = AgreementText(kind=kind, version=0, title=form.cleaned_data["title"], body=body)
        return _pdf(paper.sample(typed), f"{kind}-apercu.pdf")

    def _kind(self, kind: str) -> str:
        if kind not in Kind.values:
            raise Http404
        self.page_title = f"{Kind(kind).label}\u00a0: nouvelle version"
        return kind

    def _page(self, form: TextForm, kind: str, *, status: int = 200) -> HttpResponse:
        return self.show(form=form, fields=texts.fields_of(kind).items(), status=status)


class ProofView(TextPage):
    """A published version on paper, its fields named."""

    def get(self, request: StaffRequest, pk: int) -> HttpResponse:
        """Draw it."""
        found = get_object_or_404(AgreementText, pk=pk)
        return _pdf(paper.sample(found), f"{found.kind}-version-{found.version}.pdf")


def _pdf(content: bytes, name: str) -> HttpResponse:
    headers = {"Content-Disposition": f'inline; filename="{name}"'}
    return HttpResponse(content, content_type="application/pdf", headers=headers)
