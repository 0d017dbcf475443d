"""`null` in a request's body: "not said", for every optional field that does not itself take it.

Clients that write all fields of a type send null for those they have no value for. Only a field whose type has a None
gives it a meaning of its own: a change takes a description away by it.
"""

import inspect
from collections.abc import Callable, Iterator
from types import NoneType
from typing import Annotated, Any, get_args, get_origin

from pydantic import BaseModel
from pydantic.fields import FieldInfo
from pydantic.json_schema import SkipJsonSchema

from vitrine.kernel.surface import Json

Model = type[BaseModel]
_UNSAID: Any = SkipJsonSchema


def body_of(handler: Callable[..., Any]) -> Model | None:
    """The model that a handler takes the body as; None for one without a body."""
    hints = (_models(parameter.annotation) for parameter in inspect.signature(handler).parameters.values())
    return next((model for found in hints for model in found), None)


def without(body: Json, model: Model) -> Json:
    """The body as if nothing had been said where null says nothing; in the objects within it too."""
    fields = {field.alias or name: field for name, field in model.model_fields.items()}
    said = {name: value for name, value in body.items() if value is not None or _has_meaning(fields.get(name))}
    return {name: _within(value, fields.get(name)) for name, value in said.items()}


def _has_meaning(field: FieldInfo | None) -> bool:
    """Null for a required field, or for one that does not exist, is a mistake that validation names."""
    return field is None or field.is_required() or _takes_null(field.annotation)


def _takes_null(annotation: Any) -> bool:
    """A None that the schema leaves out stands for "not said" within our own code."""
    if get_origin(annotation) is Annotated:
        kind, *about = get_args(annotation)
        return _takes_null(kind) and _UNSAID not in map(type, about)
    return annotation is NoneType or any(_takes_null(part) for part in get_args(annotation))


def _within(value: Any, field: FieldInfo | None) -> Any:
    model = next(_models(field.annotation), None) if field else None
    if model is None:
        return value
    if isinstance(value, list):
        return [without(each, model) if isinstance(each, dict) else each for each in value]
    return without(value, model) if isinstance(value, dict) else value


def _models(annotation: Any) -> Iterator[Model]:
    """The models that an annotation names, however deep."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for part in get_args(annotation):
        yield from _models(part)
