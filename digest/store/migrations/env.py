"""What Alembic runs: the steps, on the connection that it was handed, inside the transaction that is already open."""

from alembic import context

from digest.store.tables import metadata

context.configure(connection=context.config.attributes["connection"], target_metadata=metadata)
context.run_migrations()
