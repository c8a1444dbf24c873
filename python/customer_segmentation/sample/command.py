"""The command group ``segmentation sample``."""

import click

from customer_segmentation.sample.retail.command import retail


@click.group(name="sample")
def sample_command() -> None:
    """Generate sample raw data with planted customer groups."""


sample_command.add_command(retail)
