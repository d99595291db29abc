"""Create the entries.

Revision ID: 7cec9d480790
Revises:
Create Date: 2026-11-23 23:18:49
"""

import sqlalchemy as sa
from alembic import op

revision = "7cec9d480790"
down_revision = None
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("message", sa.String(length=1000), nullable=False),
        sa.Column("written_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_entries")),
    )


def downgrade():
    op.drop_table("entries")
