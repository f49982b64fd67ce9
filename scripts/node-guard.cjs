// Loaded before every script, and so plain enough for any Node: says in one sentence what an old
// one would say with ERR_UNKNOWN_FILE_EXTENSION and a stack. Costs a millisecond.
const [major, minor] = process.versions.node.split('.').map(Number);

// TypeScript came with 22.18 and 23.6, setting the default certificates with 22.19 and 24.5.
const MINOR_NEEDED = { 22: 19, 23: Infinity, 24: 5 };
if (major < 22 || minor < MINOR_NEEDED[major]) {
  const { engines } = require('../package.json');
  console.error(
    `✗ This is Node ${process.versions.node}, and the scripts need ${engines.node}. npm ci puts a right one into node_modules, unless it is told --ignore-scripts; then: npm rebuild node.`,
  );
  process.exit(1);
}
