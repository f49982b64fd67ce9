/** An Action of somebody who uses this package: declared in tenant.yaml beside ours. */
exports.onExecutePostLogin = async () => {};
