/**
 * Shows what a long script is doing: a moving line on a terminal, two lines a step elsewhere. On
 * standard error, so that what a script reports can be read by a program.
 */
import { styleText } from 'node:util';

export interface Step {
  /** What is going on inside the step, for whoever watches. */
  note(text: string): void;
}

/** What is written to. */
export interface Terminal {
  readonly isTTY?: boolean;
  /** Some terminals say 0. */
  readonly columns?: number;
  write(text: string): unknown;
}

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const DEFAULT_COLUMNS = 80;
/** Back to the beginning of the line, and erase it. */
const CLEAR = '\r\u001b[2K';

/** Shows `title` while `work` goes on, and how long it took. */
export async function showStep<T>(
  title: string,
  work: (step: Step) => Promise<T>,
  terminal: Terminal = process.stderr,
): Promise<T> {
  const startedAt = performance.now();
  const seconds = () => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
  const isMoving = terminal.isTTY === true && process.env.TERM !== 'dumb';
  const begin = isMoving ? CLEAR : '';
  let note = '';
  let frame = 0;
  const draw = () => {
    const text = `${title}  ${seconds()}${note === '' ? '' : `  ${note}`}`;
    frame = (frame + 1) % FRAMES.length;
    const shown = cut(text, (terminal.columns || DEFAULT_COLUMNS) - 3);
    terminal.write(`${CLEAR}${styleText('cyan', FRAMES[frame] ?? '')} ${shown}`);
  };
  if (!isMoving) terminal.write(`- ${title}\n`);
  const timer = isMoving ? setInterval(draw, FRAME_MS) : undefined;
  try {
    const result = await work({
      note: (text) => {
        note = text;
      },
    });
    terminal.write(`${begin}${styleText('green', '✔')} ${title}  ${seconds()}\n`);
    return result;
  } catch (error) {
    terminal.write(`${begin}${styleText('red', '✖')} ${title}\n`);
    throw error;
  } finally {
    clearInterval(timer);
  }
}

/** One line of at most `width` characters. */
function cut(text: string, width: number): string {
  return [...text.replaceAll(/\s+/g, ' ')].slice(0, Math.max(width, 0)).join('');
}
