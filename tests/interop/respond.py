"""Asks moto, as the owner of keys, what becomes of them; then ends and replaces some. Checks what is told,
what was asked and by whom, what is left where akid is killed, and that a new secret is nowhere but where it was to go.

usage: respond.py --akid F --scratch D [--show] [--only ROW]

Prints a table; ends with 1 if any row failed.
"""

import rows
import wire
from owner import Stage
from resolve import FOREIGN, OWN
from respond_accounts import AccountRows
from respond_callers import CallerRows
from respond_contain import ContainRows
from respond_rotate import RotateRows
from respond_status import StatusRows


class Checks(AccountRows, CallerRows, StatusRows, ContainRows, RotateRows, Stage):
    """The rows of the table. A check returns a detail for it, or raises an AssertionError."""

    def can_fail(self):
        """the check of the wire: an action of another command, a found key as signer, a word about a canary"""
        key = self.user("signer")
        self.status_of(key)
        (asked,) = [request for request in self.all[-1].asked if request.action == "GetAccessKeyLastUsed"]
        known = {"caller": self.caller, "own": OWN, "issued": {}, "silent": []}
        wire.check("status", [asked], **known)
        theirs = dict(known, caller=self.keys.key_id(FOREIGN), issued={self.caller: FOREIGN})
        for wrong in (dict(known, caller=key), theirs, dict(known, silent=[key])):
            self.fails(lambda wrong=wrong: wire.check("status", [asked], **wrong))
        asked.action = "DeleteAccessKey"
        for command in ("status", "contain"):
            self.fails(lambda command=command: wire.check(command, [asked], **known))
        return "5 ways"

    def fails(self, check):
        try:
            check()
        except AssertionError:
            return
        raise AssertionError("it did not fail")

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
        Checks, "statuses", "old_canary", "other_account", "organization", "with_mfa", "denied", "faults",
        "root_user", "quarantined", "sessions", "regions", "second_peer", "reports", "swept", "in_a_hurry",
        "contained", "prompted", "sessions_contained", "allowed", "contain_denied", "contain_faults", "contain_killed", "contain_twice", "rotated", "rotate_refused",
        "rotate_faults", "rotate_killed", "rotate_hidden", "rotate_handing", "rotate_watched", "rotate_twice",
        "can_fail", "requests",
    )  # fmt: skip
