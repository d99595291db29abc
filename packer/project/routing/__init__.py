"""What the application serves: its own object, blueprints, routes and static folders."""
