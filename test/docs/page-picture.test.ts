/** The picture of the page in the README is one of the page as it is. */
import { readFile } from 'node:fs/promises';
import { expect, test } from 'vitest';
import {
  hashOf,
  hashPage,
  PICTURE,
  PICTURE_MARK,
  type PictureMark,
  setScene,
} from '#test/support/page-picture.ts';

const ANEW = 'the page looks otherwise now: node test/support/page-picture.ts takes the picture';

test('the picture of the page is of the page as it is', async () => {
  const mark: PictureMark = JSON.parse(await readFile(PICTURE_MARK, 'utf8'));
  const started = await setScene();
  try {
    expect(await hashPage(started), ANEW).toBe(mark.page);
  } finally {
    await started.close();
  }
  expect(hashOf(await readFile(PICTURE)), ANEW).toBe(mark.picture);
});
