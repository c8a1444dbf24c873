"""The command group ``segmentation sample``."""

import click

from customer_segmentation.sample.bookings.command import bookings
from customer_segmentation.sample.ratings.command import ratings
from customer_segmentation.sample.retail.command import retail


@click.group(name="sample")
def sample_command() -> None:
    """Generate sample raw data with planted customer groups."""


for command in (bookings, ratings, retail):
    sample_command.add_command(command)
