-- Gates of severity error that the newest model misses; scoring goes on with the model promoted before.
{{ config(severity='error') }}

{{ missed_gates('retail', 'error') }}
