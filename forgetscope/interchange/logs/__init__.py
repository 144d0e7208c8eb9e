"""Logs of other programs in: read, compared with what a study holds, and kept.

Importing this package loads neither pyarrow nor inspect_ai.
"""

from forgetscope.interchange.logs.keep import Kept, keep
from forgetscope.interchange.logs.logged import Log, LoggedTask
from forgetscope.interchange.logs.names import harmless, last_part, step_of
from forgetscope.interchange.logs.read import read_logs

__all__ = ["Kept", "Log", "LoggedTask", "harmless", "keep", "last_part", "read_logs", "step_of"]
