"""For sqlfluff, the modules that dbt gives to macros."""

import re

__all__ = ["re"]
