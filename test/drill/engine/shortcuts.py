"""What moto works out anew for every request or value, remembered, and what
it knows and nothing here asks for, forgotten. None of it depends on the state
of the account."""

import functools

from moto import backends
from moto.core import responses
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.ec2.models import instance_types

_find_keys = XFormedAttributePicker.get_possible_keys
_keys: dict[tuple, list[str]] = {}


def apply() -> None:
    """Changes moto's functions, once or more often."""
    modules = list(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    responses.method_names_from_class = functools.cache(responses.method_names_from_class)
    XFormedAttributePicker.get_possible_keys = _possible_keys
    # A fork takes the longer the more memory there is.
    instance_types.INSTANCE_TYPES.clear()
    instance_types.INSTANCE_TYPE_OFFERINGS.clear()


def _possible_keys(self: XFormedAttributePicker, context: AttributePickerContext) -> list[str]:
    """The names under which an object may have what a shape calls key."""
    shape, kind = context.shape, type(context.obj)
    about = context.key, shape, getattr(shape, "parent", None), kind, *self.alias_providers
    if about not in _keys:
        _keys[about] = list(dict.fromkeys(_find_keys(self, context)))
    return _keys[about]
