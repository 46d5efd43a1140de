"""Demo people: one account a role, and a second structure to look across the fence from."""

from dataclasses import dataclass

from portal.accounts.models import User
from portal.accounts.roles import Role
from portal.accounts.services import add_roles

#: For the demonstration's machine only: local settings are the only ones that install this app.
PASSWORD = "demo-recharges-2026"  # noqa: S105


@dataclass(frozen=True)
class Person:
    """A demo account."""

    email: str
    first_name: str
    last_name: str
    role: Role


PEOPLE = (
    Person("partenaire@demo.example", "Nadia", "Benali", Role.PARTNER),
    Person("editeur@demo.example", "Louis", "Perrin", Role.EDITOR),
    Person("moderateur@demo.example", "Sophie", "Leroy", Role.MODERATOR),
    Person("referent@demo.example", "Karim", "Haddad", Role.REFERENT),
    Person("operateur@demo.example", "Julie", "Moreau", Role.OPERATOR),
    Person("administrateur@demo.example", "Claire", "Dubois", Role.ADMINISTRATOR),
)
#: A colleague in the first structure, and a partner of the second one only.
COLLEAGUE = Person("collegue@demo.example", "Omar", "Diallo", Role.PARTNER)
NEIGHBOUR = Person("voisin@demo.example", "Hélène", "Faure", Role.PARTNER)


def load_person(person: Person) -> User:
    """Create the account where it does not exist; an existing one keeps its password."""
    user, created = User.objects.get_or_create(
        email=person.email,
        defaults={"first_name": person.first_name, "last_name": person.last_name},
    )
    if created:
        user.set_password(PASSWORD)
        user.save(update_fields=["password"])
    add_roles(user=user, roles=[person.role])
    return user
