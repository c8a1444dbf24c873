{# The schema that holds the generations of what is published, apart from the names that readers see. #}
{% macro generations_schema(schema_name) -%}
  {{ return(schema_name ~ '_generations') }}
{%- endmacro %}


{#
  A name no earlier generation of `relation` has: <name>__g (a table) or __v (a view) and the UTC time in microseconds.
  Names sort by age, so a build that was killed leaves nothing that the next build can collide with.
#}
{% macro new_generation(relation, type) -%}
  {%- set schema_name = customer_segmentation.generations_schema(relation.schema) -%}
  {%- set generations = api.Relation.create(database=relation.database, schema=schema_name) -%}
  {% do adapter.create_schema(generations) %}
  {%- set now = modules.datetime.datetime.now(modules.pytz.utc).strftime('%Y%m%d%H%M%S%f') -%}
  {{ return(api.Relation.create(
      database=relation.database,
      schema=generations.schema,
      identifier=relation.identifier ~ {'table': '__g', 'view': '__v'}[type] ~ now,
      type=type,
  )) }}
{%- endmacro %}


{# The documented comment of each column; the Hive metastore holds 256 characters, and tries for 20 s to store more. #}
{% macro column_comments() -%}
  {%- set comments = {} -%}
  {%- for name, column in model.columns.items() if column.description -%}
    {%- do comments.update({name: column.description | truncate(256, false, '...', 0)}) -%}
  {%- endfor -%}
  {{ return(comments) }}
{%- endmacro %}


{#
  A view of `sql` whose columns carry their documented comments; `kind` is 'view' or 'temporary view'. What selects from
  it, a table or another view, takes the comments over. `properties` are kept with the view, a 'comment' among them.
#}
{% macro create_documented_view(kind, name, columns, sql, properties={}) -%}
  {%- set comments = customer_segmentation.column_comments() -%}
  create {{ kind }} {{ name }} (
    {%- for column in columns %}
    {{ customer_segmentation.backticked(column) }}
    {%- if column in comments %} comment {{ customer_segmentation.string_literal(comments[column]) }}{% endif %}
    {%- if not loop.last %},{% endif %}
    {%- endfor %}
  ){{ customer_segmentation.view_properties(properties) }} as
  {{ sql }}
{%- endmacro %}


{# The clause of `create view` that keeps `properties` with the view; nothing where there are none. #}
{% macro view_properties(properties) -%}
  {%- if properties %} tblproperties ({{ customer_segmentation.property_list(properties.items()) }}){% endif -%}
{%- endmacro %}


{# Pairs of a name and a text, as `tblproperties` takes them. #}
{% macro property_list(pairs) -%}
  {%- for name, value in pairs -%}
    {{ customer_segmentation.string_literal(name) }} = {{ customer_segmentation.string_literal(value) }}
    {%- if not loop.last %}, {% endif %}
  {%- endfor -%}
{%- endmacro %}


{# `properties` with the documented comment of the model. #}
{% macro documented_properties(properties={}) -%}
  {{ return(dict(properties, comment=model.description) if model.description else properties) }}
{%- endmacro %}


{#
  Lets the published name show `generation`, a table or view with these columns. `properties` are kept with the name,
  beside the documented comment. A hash of what the rows were made of stands in the text of the name, as the step that
  shows the rows must record it too.
#}
{% macro publish_generation(target_relation, published, generation, columns, properties={}, inputs=none) -%}
  {%- set rows = 'select ' ~ ('/* inputs ' ~ inputs ~ ' */ ' if inputs else '') ~ '* from ' ~ generation -%}
  {%- do adapter.dispatch('publish_generation', 'customer_segmentation')(
      target_relation, published, generation, columns, rows, properties
  ) -%}
  {%- do customer_segmentation.remember_published(target_relation, properties, rows) -%}
{%- endmacro %}


{#
  Only the first time creates the view: `create or replace view` drops the old one before it creates the new one, and a
  reader in between finds nothing, while `alter view` is one step.
#}
{% macro spark__publish_generation(target_relation, published, generation, columns, rows, properties) -%}
  {%- set wanted = customer_segmentation.documented_properties(properties) -%}
  {%- if generation.type == 'table' -%}
    {%- do customer_segmentation.record_published(target_relation, columns, rows, generation, properties) -%}
  {%- endif -%}
  {%- if published is none -%}
    {% call statement('publish') %}
      create view {{ target_relation }}{{ customer_segmentation.view_properties(wanted) }} as {{ rows }}
    {% endcall %}
  {%- else -%}
    {% call statement('publish') %}
      alter view {{ target_relation }} as {{ rows }}
    {% endcall %}
    {%- set changed = [] -%}
    {%- for name, value in wanted.items() -%}
      {#- With its end: a comment that was cut short is also part of the one before. -#}
      {%- set record = 'Comment: ' ~ value ~ '\n' if name == 'comment' else name ~ '=' ~ value -%}
      {%- if record not in published.information -%} {%- do changed.append((name, value)) -%} {%- endif -%}
    {%- endfor -%}
    {%- if changed -%}
      {% call statement('describe') %}
        alter view {{ target_relation }} set tblproperties ({{ customer_segmentation.property_list(changed) }})
      {% endcall %}
    {%- endif -%}
  {%- endif -%}
  {%- do customer_segmentation.confirm_record(target_relation) -%}
{%- endmacro %}


{# Sail has no `alter view`, and keeps nothing from one process to the next: the record is what readers follow. #}
{% macro sail__publish_generation(target_relation, published, generation, columns, rows, properties) -%}
  {%- do customer_segmentation.record_published(target_relation, columns, rows, generation, properties) -%}
{%- endmacro %}


{#
  Puts on record what a name shows from now on, for every engine that uses this folder of tables: the query `sql`, and the
  table `generation` that holds its rows where it is not a view.
#}
{% macro record_published(target_relation, columns, sql, generation=none, properties={}) -%}
  {%- if customer_segmentation.keeps_records() -%}
    {%- do adapter.publish_record(
        target_relation, columns, sql, generation=generation, properties=properties,
        comments=customer_segmentation.column_comments(), comment=model.description or ''
    ) -%}
  {%- endif -%}
{%- endmacro %}


{# Notes that Spark's own catalog shows what was put on record. #}
{% macro confirm_record(target_relation) -%}
  {%- if customer_segmentation.keeps_records() -%} {%- do adapter.confirm_record(target_relation) -%} {%- endif -%}
{%- endmacro %}


{# Notes, before a table is published that is never on record, that Spark's own catalog shows more than the records. #}
{% macro leave_records_behind() -%}
  {%- if customer_segmentation.keeps_records() -%} {%- do adapter.leave_records_behind() -%} {%- endif -%}
{%- endmacro %}


{# Whether the adapter has the methods of dbt_spark_python: those of other products, such as Databricks, do without. #}
{% macro keeps_records() -%}
  {{ return(adapter.publish_record is defined) }}
{%- endmacro %}


{# Puts on record what Spark's own catalog shows, where an earlier version or a client of a server published it. #}
{% macro record_unchanged(target_relation, published, sql) -%}
  {%- set generation = modules.re.search(target_relation.identifier ~ '__g[0-9]{20}', published.information or '') -%}
  {%- set found = generation or modules.re.search('definition=[0-9a-f]{32}', published.information or '') -%}
  {%- set shown = found.group(0) if found else none -%}
  {%- if shown and customer_segmentation.keeps_records() and not adapter.is_on_record(target_relation, shown) -%}
    {%- set columns = adapter.get_columns_in_relation(target_relation) -%}
    {%- set text = modules.re.search('View Text: (.*)\\n', published.information) -%}
    {%- set properties = {} -%}
    {%- for name in ['definition', 'inputs', 'of_inputs'] -%}
      {%- set value = modules.re.search('\\b' ~ name ~ '=([0-9a-z]+)', published.information) -%}
      {%- if value -%} {%- do properties.update({name: value.group(1)}) -%} {%- endif -%}
    {%- endfor -%}
    {%- if generation -%}
      {%- set table = api.Relation.create(
          schema=customer_segmentation.generations_schema(target_relation.schema), identifier=shown, type='table'
      ) -%}
      {%- do customer_segmentation.record_published(target_relation, columns, text.group(1), table) -%}
    {%- else -%}
      {%- do customer_segmentation.record_published(target_relation, columns, sql, properties=properties) -%}
    {%- endif -%}
    {%- do customer_segmentation.confirm_record(target_relation) -%}
  {%- endif -%}
{%- endmacro %}


{#
  Drops the generations older than the one `published` showed when this build began: what was published before it, and
  what killed builds left; of these the newest stay, as many as `segmentation_older_generations` says. `published` is dbt's
  cached relation; a stale cache only means that fewer are dropped.
#}
{% macro drop_generations_before(published) -%}
  {%- if published is not none -%}
    {%- set pattern = published.identifier ~ '__([gv])([0-9]{20})' -%}
    {%- set schema_name = customer_segmentation.generations_schema(published.schema) -%}
    {%- set shown = modules.re.search(pattern, published.information or '') -%}
    {%- if shown -%}
      {%- set kept = customer_segmentation.setting('segmentation_older_generations') | int -%}
      {%- set older = [] -%}
      {%- for row in run_query("show tables in " ~ schema_name ~ " like '" ~ published.identifier ~ "__*'") -%}
        {%- set generation = modules.re.match('^' ~ pattern ~ '$', row['tableName']) -%}
        {%- if generation and generation.group(2) < shown.group(2) -%}
          {%- do older.append((generation.group(2), generation.group(1))) -%}
        {%- endif -%}
      {%- endfor -%}
      {%- for time, letter in (older | sort(reverse=true))[kept:] -%}
        {%- set kind = {'g': 'table', 'v': 'view'}[letter] -%}
        {% do run_query(
            'drop ' ~ kind ~ ' if exists ' ~ schema_name ~ '.' ~ published.identifier ~ '__' ~ letter ~ time
        ) %}
      {%- endfor -%}
      {%- if customer_segmentation.keeps_records() -%}
        {%- do adapter.remove_generations(
            api.Relation.create(schema=schema_name, identifier=published.identifier), shown.group(0), kept
        ) -%}
      {%- endif -%}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{# Drops all generations of a name that is published no longer. #}
{% macro drop_generations_of(relation) -%}
  {%- set schema_name = customer_segmentation.generations_schema(relation.schema) -%}
  {%- for row in run_query("show tables in " ~ schema_name ~ " like '" ~ relation.identifier ~ "__*'") -%}
    {%- set generation = modules.re.match('^' ~ relation.identifier ~ '__([gv])[0-9]{20}$', row['tableName']) -%}
    {%- if generation -%}
      {%- set kind = {'g': 'table', 'v': 'view'}[generation.group(1)] -%}
      {% do run_query('drop ' ~ kind ~ ' if exists ' ~ schema_name ~ '.' ~ generation.group(0)) %}
    {%- endif -%}
  {%- endfor -%}
{%- endmacro %}


{# Grants what the config `grants` says, on tables that users see: plumbing, in the schema `internal`, has no grants. #}
{% macro grant_published(target_relation, published) -%}
  {%- if config.get('schema') != 'internal' -%}
    {%- do apply_grants(
        target_relation, config.get('grants'), should_revoke=should_revoke(published, full_refresh_mode=True)
    ) -%}
  {%- endif -%}
{%- endmacro %}
