/** What whoever watches is told beside the steps: something takes longer than it should. */
import { styleText } from 'node:util';

/** Back to the beginning of the line of a step that is moving, and erase it. */
const CLEAR = '\r\u001b[2K';

export function tell(text: string): void {
  const begin = process.stderr.isTTY ? CLEAR : '';
  process.stderr.write(`${begin}${styleText('yellow', '!')} ${text}\n`);
}
