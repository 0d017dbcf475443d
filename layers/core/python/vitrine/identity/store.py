"""Users in DynamoDB: one USER item under its tenant."""

from typing import Any

from pynamodb.attributes import DiscriminatorAttribute, UnicodeAttribute

from vitrine.identity.models import User
from vitrine.kernel import schema, tables
from vitrine.kernel.errors import Conflict
from vitrine.kernel.tables import Table, Write


class _Item(Table):
    class Meta:
        table_name = schema.IDENTITY.deployed_name()

    kind: Any = DiscriminatorAttribute()


class _UserItem(_Item, discriminator="USER"):
    body: Any = UnicodeAttribute()


class AlreadyRegistered(Conflict):
    code = "already_registered"


def insert(user: User) -> Write:
    item = _UserItem(user.tenant, f"USER#{user.id}", body=user.model_dump_json())
    return tables.put(item, _UserItem.pk.does_not_exist(), lambda: AlreadyRegistered("This user is registered."))


def get(tenant: str, user_id: str) -> User | None:
    try:
        return User.model_validate_json(_UserItem.get(tenant, f"USER#{user_id}", consistent_read=True).body)
    except _UserItem.DoesNotExist:
        return None
