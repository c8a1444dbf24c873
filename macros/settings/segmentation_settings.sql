{#
  The settings that belong to no domain, with their defaults; those of a domain stand in <domain>_settings. The plugin
  checks every value by its kind (python/customer_segmentation/settings/kinds.py), docs/settings.md is made from the
  groups and meanings.

  'allowed': 'segmentations' are the names that the setting `segmentations` switches on.
#}
{% macro segmentation_settings() -%}
  {%- set group = 'All domains and segmentations' -%}
  {{ return({
      'segmentations': {
          'default': {}, 'kind': 'switches', 'group': group,
          'meaning': 'Which segmentations there are, as `{loyalty: true}`. `dbt_project.yml` has a line for each that this '
              'package ships; in a project of your own name all that you want.',
      },
      'segmentation_overrides': {
          'default': {}, 'kind': 'overrides', 'allowed': 'segmentations', 'group': group,
          'meaning': 'Keys that replace those of the specification (below), by segmentation, such as `{loyalty: {k: 4}}`.',
      },
      'segmentation_renames': {
          'default': [], 'kind': 'segmentations', 'allowed': 'segmentations', 'group': group,
          'meaning': 'Segmentations whose segments are named anew from the playbook in this run. Otherwise a segment keeps '
              'the name that it was first given, for as long as its id lives.',
      },
      'segmentation_decisions': {
          'default': {}, 'kind': 'decisions', 'allowed': 'segmentations', 'group': group,
          'meaning': 'A model and what is decided about it, by segmentation: `{loyalty: {model_id: 20241130T101500000000-c15b6fe374f2, decision: promoted}}`. '
              'The decision, `promoted` or `rolled_back`, is recorded in this run. `segmentation models promote` and '
              '`rollback` set it.',
      },
      'retrain': {
          'default': '', 'kind': 'segmentation_or_all', 'allowed': 'segmentations', 'group': group,
          'meaning': 'A segmentation or `all`: trains a new model in this run although the specification is unchanged. '
              '`segmentation train` sets it.',
      },
      'segmentation_history_months': {
          'default': 0, 'kind': 'whole_number', 'group': group,
          'meaning': 'How long the history remembers a stay in a segment that has ended, in months before the newest scoring. '
              '0: for ever.',
      },
      'segmentation_older_generations': {
          'default': 0, 'kind': 'whole_number', 'group': group,
          'meaning': 'How many generations of each table are kept beside the newest and the one before it, which readers may '
              'still have open. They are in the schema `<schema>_generations`.',
      },
      'as_of_date': {
          'default': '', 'kind': 'date', 'group': group,
          'meaning': "The day that every feature is relative to, `'yyyy-mm-dd'`. What comes after it is rejected "
              "(a domain's rejection reasons say as what). Empty: the newest day among what is accepted.",
      },
      'missing_texts': {
          'default': ['nan', 'null', 'none', 'n/a', '#n/a', '<na>', '-'], 'kind': 'texts', 'group': group,
          'meaning': 'Texts that stand for a missing invoice, product or customer, upper and lower case alike. Without it an '
              'export that writes `NaN` for guests makes all of them one customer.',
      },
  }) }}
{%- endmacro %}
