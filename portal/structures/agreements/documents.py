"""The files of a convention or an avenant: kept encrypted, and given back to whom may read them."""

import hashlib

from django.db.models import Q, QuerySet

from portal.accounts.models import User
from portal.privacy.crypto import decrypt_bytes, encrypt_bytes
from portal.privacy.services import record
from portal.structures.agreements.moves import Paper, kind_of, structure_of
from portal.structures.agreements.uploads import ENDINGS, Checked
from portal.structures.models import Agreement, AgreementDocument, Membership

#: How a file's name ends.
WORDS: dict[str, str] = {
    AgreementDocument.Kind.GENERATED: "a-signer",
    AgreementDocument.Kind.SIGNED: "signe",
    AgreementDocument.Kind.COUNTERSIGNED: "contresigne",
}


def keep(
    paper: Paper, kind: AgreementDocument.Kind, file: Checked, *, by: User | None
) -> AgreementDocument:
    """Keep a file of a paper, in the caller's transaction."""
    owner = {"agreement" if isinstance(paper, Agreement) else "amendment": paper}
    digest = hashlib.sha256(file.content).hexdigest()
    made: AgreementDocument = AgreementDocument.objects.create(
        **owner,
        kind=kind,
        encrypted=encrypt_bytes(file.content),
        sha256=digest,
        media_type=file.media_type,
        size=len(file.content),
        created_by=by,
    )
    record(by=by, action=f"structures.document_{kind}", target=made, sha256=digest)
    return made


def content(document: AgreementDocument) -> bytes:
    """Return the file in clear."""
    return decrypt_bytes(bytes(document.encrypted))


def of_paper(paper: Paper) -> QuerySet[AgreementDocument]:
    """Return the files of a paper, the newest first, without their content."""
    owner = {"agreement" if isinstance(paper, Agreement) else "amendment": paper}
    rows = AgreementDocument.objects.filter(**owner)
    return rows.defer("encrypted").select_related("created_by")


def of_structure(membership: Membership) -> QuerySet[AgreementDocument]:
    """Return the files that the lead of a structure may read: all of hers; others read none."""
    if not membership.is_structure_lead:
        return AgreementDocument.objects.none()
    mine = membership.structure_id
    return AgreementDocument.objects.filter(
        Q(agreement__structure=mine) | Q(amendment__agreement__structure=mine)
    )


def file_name(document: AgreementDocument) -> str:
    """Return the name under which a browser saves it: no name of a person is in it."""
    paper: Paper | None = document.agreement or document.amendment
    assert paper is not None  # noqa: S101  (the database says so)
    number = f"{structure_of(paper).pk}-{document.pk}"
    ending = ENDINGS[document.media_type]
    return f"{kind_of(paper).value}-{number}-{WORDS[document.kind]}.{ending}"
