"""For sqlfluff, the macros of this project by their full names."""

from jinja2 import pass_context


def __getattr__(name):
    @pass_context
    def macro(context, *arguments, **keywords):
        return context.resolve(name)(*arguments, **keywords)

    return macro
