"""People who log in. The e-mail address is the identity; roles are Django groups."""

import uuid
from typing import Any, ClassVar

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.contrib.auth.models import PermissionsMixin
from django.db import models
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils import timezone


class UserManager(BaseUserManager["User"]):
    """Creates users, and finds them whatever the case of the address."""

    def holding(self, permission: str) -> "models.QuerySet[User]":
        """Return the people in activity to whom a role, or somebody, gave ``permission``.

        A superuser without it may do the thing too, and is not among them.

        Args:
            permission: ``app_label.codename``.
        """
        app, _, codename = permission.partition(".")
        roles = Q(
            groups__permissions__content_type__app_label=app,
            groups__permissions__codename=codename,
        )
        own = Q(user_permissions__content_type__app_label=app, user_permissions__codename=codename)
        return self.filter(roles | own, is_active=True).distinct()

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user; without a password nobody can log in until one is chosen by link.

        Raises:
            ValueError: the address is empty.
        """
        if not email:
            raise ValueError("A user needs an e-mail address.")
        user = self.model(email=email, **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def create_superuser(self, email: str, password: str | None = None, **fields: Any) -> "User":
        """Create a user with every permission (Django's command asks for one)."""
        return self.create_user(email, password, is_superuser=True, is_staff=True, **fields)

    def get_by_natural_key(self, username: str | None) -> "User":
        """Return the user of an address typed in any case."""
        return self.get(email=(username or "").lower())


class User(AbstractBaseUser, PermissionsMixin):
    """A person. ``email`` is stored in lower case, so that it is unique whatever its case."""

    uuid = models.UUIDField("identifiant public", default=uuid.uuid4, unique=True, editable=False)
    email = models.EmailField(
        "adresse e-mail",
        unique=True,
        error_messages={"unique": "Un compte existe déjà avec cette adresse."},
    )
    first_name = models.CharField("prénom", max_length=150, blank=True)
    last_name = models.CharField("nom", max_length=150, blank=True)
    phone = models.CharField("téléphone", max_length=20, blank=True, help_text="Format +33…")
    is_active = models.BooleanField(
        "actif", default=True, help_text="Une personne désactivée est déconnectée aussitôt."
    )
    is_staff = models.BooleanField(
        "équipe Emmaüs Connect",
        default=False,
        help_text="Membre de l’équipe : sessions courtes et double authentification.",
    )
    date_joined = models.DateTimeField("créé le", default=timezone.now, editable=False)

    objects = UserManager()

    EMAIL_FIELD = "email"
    USERNAME_FIELD = "email"
    REQUIRED_FIELDS: ClassVar[list[str]] = []

    class Meta:
        verbose_name = "personne"
        verbose_name_plural = "personnes"
        ordering = ("last_name", "first_name", "pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(email=Lower("email")),
                name="accounts_user_email_lower",
                violation_error_message="L’adresse doit être en minuscules.",
            ),
        )

    def __str__(self) -> str:
        return self.get_full_name() or self.email

    def save(self, *args: Any, **kwargs: Any) -> None:
        self.email = self.email.lower()
        super().save(*args, **kwargs)

    def clean(self) -> None:
        super().clean()
        self.email = self.email.lower()

    def get_full_name(self) -> str:
        """Return « Prénom Nom », or what is known of it."""
        return f"{self.first_name} {self.last_name}".strip()

    def get_short_name(self) -> str:
        """Return the first name, or the address where none is known."""
        return self.first_name or self.email
