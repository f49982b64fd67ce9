/**
 * Shows what a long script is doing: a spinner on a terminal, a line a step elsewhere. On standard
 * error, so that what a script reports can be read by a program.
 */
import ora from 'ora';

export interface Step {
  /** What is going on inside the step, for whoever watches. */
  note(text: string): void;
}

const SHOWN = 70;

/** Shows `title` while `work` goes on, and how long it took. */
export async function showStep<T>(title: string, work: (step: Step) => Promise<T>): Promise<T> {
  const startedAt = performance.now();
  const spinner = ora({ text: title, discardStdin: false });
  const seconds = () => `${((performance.now() - startedAt) / 1_000).toFixed(1)} s`;
  let note = '';
  const show = () => {
    spinner.text = `${title}  ${seconds()}${note === '' ? '' : `  ${note.slice(0, SHOWN)}`}`;
  };
  spinner.start();
  // Off a terminal every change of the text would be a line of its own.
  const timer = spinner.isSpinning ? setInterval(show, 200) : undefined;
  try {
    const result = await work({
      note: (text) => {
        note = text;
      },
    });
    spinner.succeed(`${title}  ${seconds()}`);
    return result;
  } catch (error) {
    spinner.fail(title);
    throw error;
  } finally {
    clearInterval(timer);
  }
}
