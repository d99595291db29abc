"""DECISIONS: `plan(project, settings) -> Plan`. One rule a file, each decision with its reason. Pure."""
