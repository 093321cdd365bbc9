"""Asks moto, as the owner of keys, what becomes of them; then ends and replaces some. Checks what is told,
what was asked and by whom, what is left where akid is killed, and that a new secret is nowhere but where it was to go.

usage: respond.py --akid F --scratch D [--show] [--only ROW]

Prints a table; ends with 1 if any row failed.
"""

import rows
from owner import Stage
from respond_callers import CallerRows
from respond_contain import ContainRows
from respond_rotate import RotateRows
from respond_status import StatusRows


class Checks(CallerRows, StatusRows, ContainRows, RotateRows, Stage):
    """The rows of the table. A check returns a detail for it, or raises an AssertionError."""

    def requests(self):
        """every request: in the runs of all rows, no secret is sent or shown"""
        asked = [request for run in self.all for request in run.asked]
        pieces = {secret[n : n + 8] for secret in self.secrets.values() for n in range(len(secret) - 7)}
        everything = "\n".join([run.out + run.err for run in self.all] + [request.text() for request in asked])
        leaks = [piece for piece in pieces if piece in everything]
        assert not leaks, f"{len(leaks)} pieces"
        return f"{len(self.all)} runs, {len(asked)} requests, {len(self.secrets)} secrets"


if __name__ == "__main__":
    rows.main(
        Checks, "statuses", "old_canary", "other_account", "organization", "with_mfa", "denied", "faults", "sessions",
        "regions", "second_peer", "reports", "swept", "in_a_hurry", "contained", "prompted", "sessions_contained",
        "allowed", "contain_denied", "contain_faults", "contain_killed", "contain_twice", "rotated", "rotate_refused",
        "rotate_faults", "rotate_killed", "rotate_handing", "rotate_watched", "rotate_twice", "requests",
    )  # fmt: skip
