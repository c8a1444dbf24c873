"""Where dbt finds the plugin: it imports every installed module whose name starts with ``dbt_``."""

from customer_segmentation.plugin import SettingsPlugin

plugins = [SettingsPlugin]
