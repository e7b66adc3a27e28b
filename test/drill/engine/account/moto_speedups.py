"""What botocore and moto work out anew for every request or value, remembered,
and what moto knows and nothing here asks for, left out. None of it depends on
the state of the account."""

import functools
from typing import Any

from botocore.hooks import EventAliaser
from moto import backends
from moto.core import loaders, responses
from moto.core import utils as core
from moto.core.serialize import AttributePickerContext, XFormedAttributePicker
from moto.utilities import utils

from ..automation import model

_load_resource = utils.load_resource


def _without_instances(package: str, resource: str) -> Any:
    """The resource of moto, but nothing of EC2's instance types: they take some
    50 MB, and a fork takes the longer the more memory there is."""
    return {} if "instance_type" in resource else _load_resource(package, resource)


# moto.ec2 loads them when it is imported.
utils.load_resource = _without_instances

_load_model = core._load_service_model


def _shared_model(service: str, kind: str) -> dict[str, Any]:
    """The model that the clients have, unless moto adds to it."""
    own = loaders.create_loader()
    version = own.determine_latest_version(service, kind)
    if any(own._find_extras(service, kind, version)):
        return _load_model(service, kind)
    return model.LOADER.load_service_model(service, kind)


_alias = functools.cache(EventAliaser._alias_event_name)

_find_keys = XFormedAttributePicker.get_possible_keys
_keys: dict[tuple, list[str]] = {}


def apply() -> None:
    """Changes the functions, once or more often."""
    EventAliaser._alias_event_name = _alias
    core._load_service_model = _shared_model
    modules = list(backends.list_of_moto_modules())
    backends.list_of_moto_modules = lambda: modules
    setattr(responses, "method_names_from_class", functools.cache(core.method_names_from_class))
    setattr(XFormedAttributePicker, "get_possible_keys", _possible_keys)


def _possible_keys(self: XFormedAttributePicker, context: AttributePickerContext) -> list[str]:
    """The names under which an object may have what a shape calls key."""
    shape, kind = context.shape, type(context.obj)
    about = context.key, shape, getattr(shape, "parent", None), kind, *self.alias_providers
    if about not in _keys:
        _keys[about] = list(dict.fromkeys(_find_keys(self, context)))
    return _keys[about]
