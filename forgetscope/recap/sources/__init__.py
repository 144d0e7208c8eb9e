"""Sources: where lessons come from, what is done with them, and what they are worth."""

from forgetscope.recap.sources.load import TaskLessons, domain_of_source, load_source, load_sources
from forgetscope.recap.sources.material import Material
from forgetscope.recap.sources.spec import SourceKind, SourceSpec, Use, parse_source

__all__ = [
    "Material",
    "SourceKind",
    "SourceSpec",
    "TaskLessons",
    "Use",
    "domain_of_source",
    "load_source",
    "load_sources",
    "parse_source",
]
