"""For sqlfluff, dbt's `adapter` in macros: a dispatched macro is its default."""

from jinja2 import pass_context


@pass_context
def dispatch(context, macro_name, macro_namespace):
    return context.resolve(f"default__{macro_name}")
