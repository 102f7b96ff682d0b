"""The log: where single facts come in, and what the stream said of them. One database in the home, owned by runs."""

from daihou.runs.log.log import Held, Log, Once, Parcel, Repeated, open_log

__all__ = ["Held", "Log", "Once", "Parcel", "Repeated", "open_log"]
