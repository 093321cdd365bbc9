"""What GitHub's runner is to the steps of an action, as far as action.yml needs one.

The steps are read from action.yml and run by the shell that it names, with the environment that GitHub sets; what they
print is read as the runner reads it: workflow commands, and the stop of them. Steps that use other actions are noted.
"""

import json
import re
import subprocess
from pathlib import Path

import yaml
from repository import ENVIRONMENT

ROOT = Path(__file__).resolve().parents[2]
OWN, FORK = "acme/app", "stranger/app"
ZEROS = "0" * 40


class Runner:
    """What GitHub's runner is to the steps of an action."""

    def __init__(self, scratch, workspace, event_name, event, inputs, **environment):
        self.scratch, self.workspace = scratch, workspace
        self.files = {name: scratch / name for name in ("GITHUB_OUTPUT", "GITHUB_STEP_SUMMARY", "GITHUB_EVENT_PATH")}
        self.files["GITHUB_EVENT_PATH"].write_text(json.dumps(event))
        self.action = yaml.safe_load((ROOT / "action.yml").read_text())
        defaults = {name: about.get("default", "") for name, about in self.action["inputs"].items()}
        github = {"event_name": event_name, "event": event, "repository": OWN, "action_repository": "acme/akid"}
        github["sha"] = event.get("after") or subprocess_head(workspace)
        self.context = {"inputs": defaults | inputs, "github": github, "steps": {}}
        self.environment = {
            **ENVIRONMENT,
            "HOME": str(scratch),
            "RUNNER_TEMP": str(scratch),
            "GITHUB_ACTION_PATH": str(ROOT),
            "GITHUB_ACTOR": "ada",
            "GITHUB_REF_NAME": "main",
            **{name: str(path) for name, path in self.files.items()},
            **environment,
        }
        self.uploads, self.log, self.annotations, self.commands, self.code = [], "", [], [], 0

    def run(self):
        for step in self.action["runs"]["steps"]:
            condition = step.get("if", "success()")
            if not self.value(condition) or (self.code and "always()" not in condition):
                continue
            if "uses" in step:
                self.uploads.append({name: self.text(value) for name, value in step["with"].items()})
                assert re.search(r"@[0-9a-f]{40}$", step["uses"]), f"{step['uses']} is not pinned"
            else:
                self.run_step(step)
        return self

    def run_step(self, step):
        assert "${{" not in step["run"], "an expression in a script"
        self.files["GITHUB_OUTPUT"].write_text("")
        environment = self.environment | {name: self.text(value) for name, value in step.get("env", {}).items()}
        script = self.scratch / "step.sh"
        script.write_text(step["run"])
        done = subprocess.run(
            ["bash", "--noprofile", "--norc", "-e", "-o", "pipefail", script],
            cwd=self.workspace,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            check=False,
            timeout=120,
        )
        self.read(done.stdout.decode())
        outputs = dict(line.split("=", 1) for line in self.files["GITHUB_OUTPUT"].read_text().splitlines())
        outcome = "failure" if done.returncode else "success"
        self.context["steps"][step.get("id", "")] = {"outputs": outputs, "outcome": outcome}
        self.code = self.code or done.returncode

    def read(self, text):
        """Takes commands out of a log. The runner looks for `::` where a line begins, and for `##[` anywhere."""
        self.log += text
        stopped = None
        for line in text.splitlines():
            found = re.match(r"\s*::([^ :]+)(?: ([^:]*))?::(.*)$", line)
            if stopped:
                if found and found[1] == stopped:
                    stopped = None
            elif found and found[1] == "stop-commands":
                stopped = found[3]
            elif found and found[1] in ("error", "warning", "notice"):
                properties = dict(part.split("=", 1) for part in (found[2] or "").split(",") if part)
                self.annotations.append((found[1], {n: unescaped(v) for n, v in properties.items()}, unescaped(found[3])))
            elif found or "##[" in line:
                self.commands.append(line)

    def text(self, template):
        return re.sub(r"\$\{\{(.*?)\}\}", lambda found: str(self.value(found[1]) or ""), str(template))

    def value(self, expression):
        """The value of an expression: as much of GitHub's language as action.yml uses."""
        for operator, apply in (("||", lambda a, b: a or b), ("&&", lambda a, b: a and b)):
            if operator in expression:
                left, right = expression.split(operator, 1)
                return apply(self.value(left), self.value(right))
        if "==" in expression:
            left, right = expression.split("==")
            return self.value(left) == self.value(right)
        expression = expression.strip()
        if expression in ("always()", "success()"):
            return True
        if expression.startswith("'"):
            return expression.strip("'")
        value = self.context
        for name in expression.split("."):
            value = (value or {}).get(name)
        return value

    def kinds(self):
        return [kind for kind, _, _ in self.annotations]

    def summary(self):
        path = self.files["GITHUB_STEP_SUMMARY"]
        return path.read_text() if path.exists() else ""


def unescaped(text):
    for code, meant in (("%0A", "\n"), ("%0D", "\r"), ("%3A", ":"), ("%2C", ","), ("%25", "%")):
        text = text.replace(code, meant)
    return text


def subprocess_head(folder):
    done = subprocess.run(["git", "-C", folder, "rev-parse", "HEAD"], env=ENVIRONMENT, capture_output=True, text=True)
    return done.stdout.strip()


def pull_request(base, head, repository=OWN):
    branch = {"sha": head, "repo": {"full_name": repository, "fork": repository != OWN}}
    return {"pull_request": {"base": {"sha": base}, "head": branch}, "repository": {"default_branch": "main"}}


def push(before, after):
    return {"before": before, "after": after, "repository": {"default_branch": "main"}}
