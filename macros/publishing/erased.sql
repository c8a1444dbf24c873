{#
  on-run-start: lets the statements of this run read who was erased. Stops without the salt, with another one, and on a
  server, which does not know who was. dbt would keep what `env_var` reads in a file, so the salt is read elsewhere.
#}
{% macro keep_erased_out() -%}
  {%- if execute and flags.WHICH in ['build', 'run', 'test'] and customer_segmentation.keeps_records() -%}
    {%- do adapter.declare_suppressed('SEGMENTATION_ERASURE_SALT') -%}
    {%- set log = adapter.get_relation(
        database=target.database, schema=target.schema, identifier='segmentation_erasures'
    ) -%}
    {%- if log is not none and not adapter.suppression_lists() -%}
      {{ exceptions.raise_compiler_error(
          log ~ ' says that customers were erased, and the target ' ~ target.name ~ ' does not know whom: a build would bring '
          ~ 'them back. Build with the target embedded or sail, in the folder of tables in which they were erased, or erase '
          ~ 'them again.'
      ) }}
    {%- endif -%}
  {%- endif -%}
{%- endmacro %}


{# The lists of erased customers that hold for this model: it is a node of the list, or what one is made from. #}
{% macro erased_lists() -%}
  {%- set found = [] -%}
  {%- if execute and customer_segmentation.keeps_records() -%}
    {%- for list in adapter.suppression_lists() -%}
      {%- set nodes = [] -%}
      {%- for node in list.nodes -%} {%- do customer_segmentation.with_ancestors(node, nodes) -%} {%- endfor -%}
      {%- if model.unique_id in nodes -%} {%- do found.append(list) -%} {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(found) }}
{%- endmacro %}


{# The ids of a node and of all nodes that it is made from, added to `found`. #}
{% macro with_ancestors(unique_id, found=none) -%}
  {%- set found = [] if found is none else found -%}
  {%- if unique_id in graph.nodes and unique_id not in found -%}
    {%- do found.append(unique_id) -%}
    {%- for parent in graph.nodes[unique_id].depends_on.nodes -%}
      {%- do customer_segmentation.with_ancestors(parent, found) -%}
    {%- endfor -%}
  {%- endif -%}
  {{ return(found) }}
{%- endmacro %}


{#
  A query of the hashes of the erased customers that this model is to leave out: one column, `id_hash`, to be compared with
  `erased_hash`. No rows where nobody was erased.
#}
{% macro erased_hashes() -%}
  {%- set lists = customer_segmentation.erased_lists() -%}
  {%- if lists -%}
  select distinct id_hash
    from suppressed_ids
    where list_name in ({{ customer_segmentation.string_literals(lists | map(attribute='name') | list) }})
  {%- else -%}
  select cast(null as string) as id_hash where false
  {%- endif -%}
{%- endmacro %}


{#
  The hash of a column with the salt of the erased customers, which stands in a temporary view: it is no part of any
  statement. Null where nobody was erased.
#}
{% macro erased_hash(column) -%}
  {%- if customer_segmentation.erased_lists() -%}
  sha2(concat((select max(salt) from suppression_salt), cast({{ column }} as string)), 256)
  {%- else -%}
  cast(null as string)
  {%- endif -%}
{%- endmacro %}


{#
  The rows of a common table expression with `is_erased`. Of erased customers they count, and have nothing that says whose
  they are.

  rows:    the common table expression
  owner:   a SQL expression of its columns: the id of the customer
  kept:    columns that tell nothing, such as money
  hashed:  columns that rows stay together by
  cleared: all other columns, null where the customer was erased
#}
{% macro rows_with_erased_cleared(rows, owner, kept, cleared, hashed=[]) -%}
select
        erased.id_hash is not null as is_erased
        {%- for column in kept %},
        known.{{ column }}
        {%- endfor %}
        {%- for column in hashed %},
        if(erased.id_hash is null, known.{{ column }}, known.{{ column }}_hash) as {{ column }}
        {%- endfor %}
        {%- for column in cleared %},
        if(erased.id_hash is null, known.{{ column }}, null) as {{ column }}
        {%- endfor %}
    from (
        select
            *,
            {%- for column in hashed %}
            {{ customer_segmentation.erased_hash(column) }} as {{ column }}_hash,
            {%- endfor %}
            {{ customer_segmentation.erased_hash(owner) }} as owner_hash
        from {{ rows }}
    ) as known
    left join (
        {{ customer_segmentation.erased_hashes() }}
    ) as erased
        on known.owner_hash = erased.id_hash
{%- endmacro %}


{#
  The query `sql` of a published table without the rows of erased customers, where it has the column of their key. A model
  that judges the rows itself counts them, and is left as it is.
#}
{% macro without_erased(sql) -%}
  {%- set keys = customer_segmentation.erased_lists() | map(attribute='key') | unique | list -%}
  {%- if not keys or 'suppressed_ids' in sql -%} {{ return(sql) }} {%- endif -%}
  {%- set columns = adapter.get_column_schema_from_query(get_empty_subquery_sql(sql)) | map(attribute='name') | list -%}
  {%- set queries = [sql] -%}
  {%- for key in keys if key in columns -%}
    {%- set left_out -%}
    select kept.*
    from (
    {{ queries.pop() }}
    ) as kept
    left anti join ({{ customer_segmentation.erased_hashes() }}) as erased
      on {{ customer_segmentation.erased_hash('kept.' ~ customer_segmentation.backticked(key)) }} = erased.id_hash
    {%- endset -%}
    {%- do queries.append(left_out) -%}
  {%- endfor -%}
  {{ return(queries[0]) }}
{%- endmacro %}


{#
  Before a model is built on a mart, or on the matrix beside it: stops where that holds an erased customer, as one can that
  is no published table of SQL. What reads it would bring the customer back.
#}
{% macro check_mart_without_erased() -%}
  {%- for list in (adapter.suppression_lists() if customer_segmentation.keeps_records() else []) -%}
    {%- for node in list.nodes if node in model.depends_on.nodes -%}
      {%- set mart = graph.nodes.get(node) -%}
      {%- if mart and not (mart.config.materialized == 'published_table' and mart.language == 'sql') -%}
        {%- set found = run_query(
            "select count(*) from " ~ mart.relation_name ~ " as mart inner join suppressed_ids as erased on sha2(concat("
            ~ "(select max(salt) from suppression_salt), cast(mart." ~ customer_segmentation.backticked(list.key)
            ~ " as string)), 256) = erased.id_hash where erased.list_name = "
            ~ customer_segmentation.string_literal(list.name)
        ).rows[0][0] | int -%}
        {%- if found -%}
          {{ exceptions.raise_compiler_error(
              mart.name ~ ' holds ' ~ found ~ ' customers that were erased from ' ~ list.name ~ '. Make it a SQL model with '
              ~ "materialized='published_table', which leaves them out, or erase them in what it reads. " ~ model.name
              ~ ' stays as it was.'
          ) }}
        {%- endif -%}
      {%- endif -%}
    {%- endfor -%}
  {%- endfor -%}
{%- endmacro %}
