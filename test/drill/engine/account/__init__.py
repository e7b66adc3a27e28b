"""The account: an emulator of the AWS APIs with an environment deployed in it."""

# First: they decide what botocore and moto load.
from ..automation import model as model
from . import moto_speedups as moto_speedups
