#!/usr/bin/env node
// npx cdk runs this, since package.json names it: the CLI that package-lock.json
// pins, never one that npx would fetch because a clone has none yet.
const { existsSync, readFileSync } = require("fs");
const { join } = require("path");

const root = join(__dirname, "..");
const read = (path) => JSON.parse(readFileSync(join(root, path), "utf8"));
const cli = "node_modules/aws-cdk";

const wanted = read("package.json").devDependencies["aws-cdk"];
const found = existsSync(join(root, cli, "package.json")) ? read(cli + "/package.json").version : "none";
if (found !== wanted) {
  console.error(`cdk: the pinned CLI, aws-cdk ${wanted}, is not installed (found: ${found}): run npm ci`);
  process.exit(1);
}

if (Number(process.versions.node.split(".")[0]) < 22) {
  console.error(`Node.js ${process.versions.node} gets no more fixes: 22 or 24 do`);
  process.env.AWS_SDK_JS_NODE_VERSION_SUPPORT_WARNING_DISABLED = "true"; // the same in nine lines
}

require(join(root, cli, "bin/cdk"));
