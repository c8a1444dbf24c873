"""Settings of the dbt package: the macros named ``<domain>_settings`` declare them, this checks."""
