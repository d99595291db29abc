"""Doctor: what stands between a project on this machine and a running stack.

Checks ask, each one thing, all at the same time; what they are told is judged by pure functions beside them.
"""

from packer.workflows.doctor.diagnosis import Diagnosis, Surroundings, diagnose

__all__ = ["Diagnosis", "Surroundings", "diagnose"]
