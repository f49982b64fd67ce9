/** What Auth0 would not have deployed is not run either. */

import type { DeployedAction } from './flow-types.ts';
import { CODE_BYTES, SECRETS } from './limits.ts';

/** @throws {RangeError} naming the limit; never a secret's value. */
export function assertAdmissible({ code, secrets }: DeployedAction): void {
  if (Buffer.byteLength(code) > CODE_BYTES) {
    throw new RangeError(`The code has more than ${CODE_BYTES} bytes`);
  }
  const entries = Object.entries(secrets);
  if (entries.length > SECRETS.count) {
    throw new RangeError(`There are more than ${SECRETS.count} secrets`);
  }
  for (const [name, value] of entries) {
    if (name.length > SECRETS.nameLength) {
      throw new RangeError(`The name of a secret has more than ${SECRETS.nameLength} characters`);
    }
    if (value.length > SECRETS.valueLength) {
      throw new RangeError(`The secret ${name} has more than ${SECRETS.valueLength} characters`);
    }
  }
}
