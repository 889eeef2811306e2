"""The sets of functions that the app can serve; apps/ts/functions has the same ones under the same names."""

from .registry import Registry
from . import basics, cancellation, changed, cron, events, failures, flow, gateway, internal, invoke, limits, load, parallel
from . import triggers, values, waits

__all__ = ["Registry", "function_set"]

_SETS = {
    "scenarios": [basics.register, parallel.register, values.register, failures.register, events.register],
    "load": [load.register],
    "internal": [internal.register],
    "changed": [changed.register],
    "triggers": [triggers.register],
    "cron": [cron.register],
    "waits": [waits.register],
    "invoke": [invoke.register],
    "cancellation": [cancellation.register],
    "gateway": [gateway.register],
    "limits": [limits.register],
    "flow": [flow.register],
}


def function_set(name: str, registry: Registry) -> None:
    for register in _SETS[name]:
        register(registry)
